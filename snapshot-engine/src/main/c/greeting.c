#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "wire.h"

/* Leaves room for the frame around it. */
#define MAX_ANSWER (MAX_FRAME - 64)

/* More processes than this have no say: a function may make as many doors as it likes. */
#define MAX_DOORS 64

/* Of a socket's flags in /proc/net/unix: it listens. */
#define LISTENS 0x10000

struct doors {
	size_t count, next;
	struct sockaddr_un names[MAX_DOORS];
};

/* Takes a path and a message; fails if there is one already or the path is none. */
int hold_greeting(struct greeting *g, uint32_t tag, const uint8_t *payload, size_t bytes)
{
	const uint8_t *nul = memchr(payload, 0, bytes);

	if (g->message) {
		errno = EBUSY;
		return -1;
	}
	if (!nul || nul == payload ||
	    (size_t)(nul - payload) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
		errno = EINVAL;
		return -1;
	}
	g->message = malloc(bytes);
	g->answer = malloc(MAX_ANSWER);
	if (!g->message || !g->answer) {
		end_greeting(g);
		errno = ENOMEM;
		return -1;
	}
	memcpy(g->message, payload, bytes);
	g->bytes = bytes;
	g->sent = nul - payload + 1;
	g->answered = 0;
	g->tag = tag;
	g->fd = -1;
	g->held = 1;
	return 0;
}

/* Finds the doors of this network namespace, which is the sandbox's. */
static struct doors *find_doors(const char *prefix)
{
	struct doors *doors = calloc(1, sizeof(*doors));
	FILE *sockets = fopen("/proc/net/unix", "re");
	char line[512], name[sizeof(((struct sockaddr_un *)0)->sun_path)];
	unsigned int flags;

	while (doors && sockets && doors->count < MAX_DOORS && fgets(line, sizeof(line), sockets)) {
		struct sockaddr_un *door = &doors->names[doors->count];

		if (sscanf(line, "%*s %*s %*s %x %*s %*s %*s %107s", &flags, name) != 2 ||
		    !(flags & LISTENS) || strncmp(name, prefix, strlen(prefix)) != 0)
			continue;
		door->sun_family = AF_UNIX;
		memcpy(door->sun_path + 1, name + 1, strlen(name) - 1);
		doors->count++;
	}
	if (sockets)
		fclose(sockets);
	return doors;
}

static int say_to(struct greeting *g, const struct sockaddr_un *address, socklen_t bytes)
{
	g->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	g->sent = strlen(g->message) + 1;
	return g->fd < 0 ? -1 : connect(g->fd, (const struct sockaddr *)address, bytes);
}

/* Goes on to the next door; one that is closed meanwhile is none. */
static enum greeting_state next_door(struct greeting *g)
{
	while (g->doors->next < g->doors->count) {
		const struct sockaddr_un *door = &g->doors->names[g->doors->next++];
		size_t length = strlen(door->sun_path + 1) + 1;

		if (g->fd >= 0)
			close(g->fd);
		if (say_to(g, door, offsetof(struct sockaddr_un, sun_path) + length) == 0)
			return continue_greeting(g);
	}
	return GREETING_ANSWERED;
}

enum greeting_state begin_greeting(struct greeting *g)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	g->held = 0;
	if (*g->message == '@') {
		g->doors = find_doors(g->message);
		return g->doors ? next_door(g) : GREETING_FAILED;
	}
	strcpy(address.sun_path, g->message);
	if (say_to(g, &address, sizeof(address)) < 0)
		return GREETING_FAILED;
	return continue_greeting(g);
}

enum greeting_state continue_greeting(struct greeting *g)
{
	ssize_t n;

	while (g->sent < g->bytes) {
		n = send(g->fd, g->message + g->sent, g->bytes - g->sent, MSG_NOSIGNAL);
		if (n < 0 && g->doors && errno != EAGAIN && errno != EINTR)
			return next_door(g); /* its process has ended */
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? GREETING_GOES_ON : GREETING_FAILED;
		g->sent += n;
	}
	for (;;) {
		if (g->answered == MAX_ANSWER) {
			errno = EMSGSIZE;
			return GREETING_FAILED;
		}
		n = recv(g->fd, g->answer + g->answered, MAX_ANSWER - g->answered, 0);
		if (n < 0 && g->doors && errno != EAGAIN && errno != EINTR)
			return next_door(g);
		if (n == 0) /* an answer is whole when the function closes */
			return g->doors ? next_door(g) : GREETING_ANSWERED;
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? GREETING_GOES_ON : GREETING_FAILED;
		g->answered += n;
	}
}

short greeting_events(const struct greeting *g)
{
	return g->sent < g->bytes ? POLLOUT : POLLIN;
}

void end_greeting(struct greeting *g)
{
	if (g->fd >= 0)
		close(g->fd);
	free(g->message);
	free(g->answer);
	free(g->doors);
	*g = (struct greeting){ .fd = -1 };
}
