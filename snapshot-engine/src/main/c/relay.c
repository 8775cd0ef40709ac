/* The way from the service to a server that listens on a TCP port of the sandbox.
 *
 * The service cannot reach a port in another network namespace, but it can reach a unix socket in
 * another mount namespace. So a process of its own accepts on function.sock and carries the bytes to
 * and from 127.0.0.1 (or ::1), whatever they are. It is no part of the function: no checkpoint holds
 * it, and the function can neither signal nor trace it. Its end closes all its connections, which is
 * how none gets into a checkpoint; init then starts another one.
 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

#define SOCKET "/run/rekindle/function.sock"

/* The service asks one thing at a time; more wait in the socket's queue. */
#define MAX_CONNECTIONS 32

/* Of one direction of one connection. */
#define BUFFER_BYTES (1 << 16)

struct direction {
	int from, to;
	size_t start, end; /* what has been read and not yet written */
	int read_ended;
	int refused;       /* the other end takes no more: what still comes is dropped */
	int finished;      /* nothing more comes, and the other end was told */
	uint8_t buffer[BUFFER_BYTES];
};

struct connection {
	int client, server;
	int family; /* of the server's address while connecting, else 0 */
	struct direction in, out;
};

static struct {
	int listener;
	uint16_t port;
	int readiness; /* where to say that the server listens, or -1 */
	struct connection *connections[MAX_CONNECTIONS];
} self;

int open_relay_socket(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = SOCKET };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	/* Of root, in a directory of root's: the function cannot put another one in its place. */
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || chmod(SOCKET, 0600) < 0 ||
	    listen(fd, 1024) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Begins to connect to the server. Returns the socket, or -1 with errno set. */
static int connect_to(int family)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(self.port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(self.port) };
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1, result;

	if (fd < 0)
		return -1;
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v6.sin6_addr = in6addr_loopback;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	result = family == AF_INET ? connect(fd, (struct sockaddr *)&v4, sizeof(v4))
				   : connect(fd, (struct sockaddr *)&v6, sizeof(v6));
	if (result < 0 && errno != EINPROGRESS) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static int connected(int fd)
{
	int error = 0;
	socklen_t length = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
		return -1;
	errno = error;
	return error == 0 ? 0 : -1;
}

static int listens(int family)
{
	struct pollfd polled = { .fd = connect_to(family), .events = POLLOUT };
	int result;

	if (polled.fd < 0)
		return 0;
	result = poll(&polled, 1, 1000) == 1 && connected(polled.fd) == 0;
	close(polled.fd);
	return result;
}

/* Tells once when somebody listens on the port. Asked every millisecond at first, since that is on the
 * way of a cold start; slow starters are asked less often. */
static int ask_for_server(void)
{
	static const char ready[] = "{\"ok\":true}";
	static int asked;

	if (!listens(AF_INET) && !listens(AF_INET6)) {
		asked++;
		return asked < 200 ? 1 : asked < 1000 ? 5 : 20;
	}
	if (write(self.readiness, ready, sizeof(ready) - 1) < 0)
		_exit(1);
	close(self.readiness);
	self.readiness = -1;
	return -1;
}

static void give_up(int slot)
{
	struct connection *c = self.connections[slot];

	/* With unread bytes on it this resets the connection, so that the server learns that nobody
	 * listens any more. */
	close(c->client);
	if (c->server >= 0)
		close(c->server);
	free(c);
	self.connections[slot] = NULL;
}

static int reach_server(struct connection *c, int family)
{
	c->family = family;
	c->server = connect_to(family);
	c->in.to = c->out.from = c->server;
	return c->server < 0 ? -1 : 0;
}

static void accept_connection(void)
{
	int fd = accept4(self.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), slot = 0;

	if (fd < 0)
		return;
	while (self.connections[slot])
		slot++;
	self.connections[slot] = calloc(1, sizeof(struct connection));
	if (!self.connections[slot]) {
		close(fd);
		return;
	}
	self.connections[slot]->client = fd;
	self.connections[slot]->in.from = self.connections[slot]->out.to = fd;
	if (reach_server(self.connections[slot], AF_INET) < 0)
		give_up(slot);
}

/* The server may listen on IPv6 alone. */
static int finish_connecting(struct connection *c)
{
	if (connected(c->server) == 0) {
		c->family = 0;
		return 0;
	}
	if (errno != ECONNREFUSED || c->family == AF_INET6)
		return -1;
	close(c->server);
	return reach_server(c, AF_INET6);
}

static int is_later(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Moves what can be moved; -1 if no more can be read. That no more can be written does not end the
 * connection: a server may answer and close before it has read the whole request. */
static int move(struct direction *d, int readable)
{
	ssize_t n;

	if (readable && !d->read_ended && d->start == d->end) {
		n = recv(d->from, d->buffer, sizeof(d->buffer), 0);
		if (n < 0 && !is_later(n))
			return -1;
		d->start = 0;
		d->end = n > 0 ? n : 0;
		d->read_ended = n == 0;
	}
	if (d->start < d->end) {
		n = send(d->to, d->buffer + d->start, d->end - d->start, MSG_NOSIGNAL);
		d->refused |= n < 0 && !is_later(n);
		d->start = d->refused ? d->end : d->start + (n > 0 ? n : 0);
	}
	if (d->read_ended && d->start == d->end && !d->finished) {
		shutdown(d->to, SHUT_WR);
		d->finished = 1;
	}
	return 0;
}

static short wanted(const struct direction *read, const struct direction *written)
{
	return (!read->read_ended && read->start == read->end ? POLLIN : 0) |
	       (written->start < written->end ? POLLOUT : 0);
}

static void serve(int slot, short client, short server)
{
	struct connection *c = self.connections[slot];

	/* The client has gone altogether: nobody would read the answer. */
	if (client & (POLLHUP | POLLERR)) {
		give_up(slot);
		return;
	}
	if (c->family) {
		if ((server & (POLLOUT | POLLHUP | POLLERR)) && finish_connecting(c) < 0)
			give_up(slot);
		return;
	}
	if (move(&c->in, client & POLLIN) < 0 || move(&c->out, server & (POLLIN | POLLHUP | POLLERR)) < 0 ||
	    (c->in.finished && c->out.finished))
		give_up(slot);
}

static void run(void)
{
	struct pollfd polled[1 + 2 * MAX_CONNECTIONS];
	int slots[MAX_CONNECTIONS];

	for (;;) {
		int n = 0, pause = self.readiness >= 0 ? ask_for_server() : -1;

		for (int i = 0; i < MAX_CONNECTIONS; i++) {
			struct connection *c = self.connections[i];
			if (!c)
				continue;
			slots[n] = i;
			polled[1 + 2 * n] = (struct pollfd){
				.fd = c->client, .events = c->family ? 0 : wanted(&c->in, &c->out)
			};
			polled[2 + 2 * n] = (struct pollfd){
				.fd = c->server, .events = c->family ? POLLOUT : wanted(&c->out, &c->in)
			};
			/* Else its hang-up, which cannot be masked, would be reported again and again
			 * while the client takes its time to read. */
			if (!c->family && !polled[2 + 2 * n].events)
				polled[2 + 2 * n].fd = -1;
			n++;
		}
		polled[0] = (struct pollfd){ .fd = n < MAX_CONNECTIONS ? self.listener : -1, .events = POLLIN };
		if (poll(polled, 1 + 2 * n, pause) < 0 && errno != EINTR)
			_exit(1);
		for (int i = 0; i < n; i++)
			if (polled[1 + 2 * i].revents || polled[2 + 2 * i].revents)
				serve(slots[i], polled[1 + 2 * i].revents, polled[2 + 2 * i].revents);
		if (polled[0].revents)
			accept_connection();
	}
}

pid_t start_relay(int listener, uint16_t port, int readiness)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_NAME, "rekindle-relay");
	self.listener = dup3(listener, 0, O_CLOEXEC);
	self.port = port;
	self.readiness = readiness < 0 ? -1 : dup3(readiness, 1, O_CLOEXEC);
	syscall(SYS_close_range, self.readiness < 0 ? 1 : 2, ~0U, 0);
	if (self.listener < 0 || drop_privileges(RELAY_ID) < 0)
		_exit(1);
	run();
	_exit(0);
}
