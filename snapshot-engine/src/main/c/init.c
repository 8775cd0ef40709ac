#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adoption.h"
#include "identity.h"
#include "remote.h"
#include "reports.h"
#include "wire.h"

enum { CONTROL, SIGNALS, STDOUT, STDERR, READINESS, CRIU, ADOPTION, GREETING, SOURCES };

#define NOBODY (-1)

static struct {
	int connection;
	int criu_program;      /* O_PATH descriptor, taken before the root changes */
	int output[2];         /* write ends, for the function and for CRIU */
	struct pollfd polled[SOURCES];
	int criu_identity;     /* of the CRIU that runs, while polled[CRIU].fd >= 0; or NOBODY */
	int criu_works;        /* on the request of criu_tag; otherwise it waits for one */
	uint32_t criu_tag;
	pid_t criu_pid;
	int criu_ended;
	struct greeting greeting;
	struct origins origins; /* of memory that a mapped restore brought */
	int entered;
	pid_t function;
	int port;               /* that the function serves on; 0 if it has a socket of its own */
	int relay_socket;
	pid_t relay;            /* 0 while it is to have none */
} self;

static void reply(uint32_t tag, int error, const void *body, size_t bytes)
{
	uint8_t code[4];

	put_u32(code, error);
	send_frame(self.connection, EV_REPLY, tag, code, 4, body, bytes);
}

static void refuse(uint32_t tag, int error, const char *what)
{
	char message[512];

	snprintf(message, sizeof(message), "%.300s: %s", what, strerror(error));
	reply(tag, error ? error : EINVAL, message, strlen(message));
}

/* The readiness pipe's write end goes to who will report: the function, or the relay for it. */
static int open_readiness(void)
{
	int pipe[2];

	if (pipe2(pipe, O_CLOEXEC) < 0)
		return -1;
	self.polled[READINESS].fd = pipe[0];
	return pipe[1];
}

static int run_relay(int readiness)
{
	self.relay = start_relay(self.relay_socket, self.port, readiness);
	return self.relay;
}

static int open_port(void)
{
	int readiness = open_readiness();
	int result;

	if (readiness < 0)
		return -1;
	self.relay_socket = open_relay_socket();
	result = self.relay_socket < 0 ? -1 : run_relay(readiness);
	close(readiness);
	return result;
}

/* Directives: "read-only" SOURCE TARGET, "writable" SOURCE TARGET, "hostname" NAME,
 * "tmp-bytes" N, "port" N. Then the root is entered. */
static void configure(uint32_t tag, struct strings s)
{
	const char *key, *a, *b, *what = "configure";
	int failed = 0, work;

	if (self.entered) {
		refuse(tag, EALREADY, "configure");
		return;
	}
	while (!failed && (key = next_string(&s)) && (a = next_string(&s))) {
		what = key;
		if (strcmp(key, "read-only") == 0 || strcmp(key, "writable") == 0) {
			b = next_string(&s);
			failed = !b || bind_into_root(a, b, key[0] == 'r', &what) < 0;
		} else if (strcmp(key, "hostname") == 0) {
			failed = sethostname(a, strlen(a)) < 0;
		} else if (strcmp(key, "tmp-bytes") == 0) {
			failed = limit_tmp(a) < 0;
		} else if (strcmp(key, "port") == 0) {
			self.port = atoi(a);
		} else {
			errno = EINVAL;
			failed = 1;
		}
	}
	if (failed || enter_root(&what) < 0) {
		refuse(tag, errno, what);
		return;
	}
	/* CRIU's RPC takes its work directory as a descriptor of the caller's, which is us. */
	work = open("/rekindle/private/work", O_DIRECTORY | O_CLOEXEC);
	if (work >= 0)
		dup3(work, WORK_DIRECTORY_FD, O_CLOEXEC);
	self.entered = 1;
	/* Before anything else runs here: its pid is below all that a restore could want. */
	if (self.port && open_port() < 0)
		refuse(tag, errno, "relay");
	else
		reply(tag, 0, NULL, 0);
}

static void spawn(uint32_t tag, struct strings s)
{
	const char *what;
	uint8_t answer[4];
	int readiness = self.port ? -1 : open_readiness();

	if (!self.port && readiness < 0) {
		refuse(tag, errno, "pipe");
		return;
	}
	self.function = spawn_function(s, self.output, readiness, &what);
	if (readiness >= 0)
		close(readiness);
	if (self.function < 0) {
		close(self.polled[READINESS].fd);
		self.polled[READINESS].fd = -1;
		refuse(tag, errno, what);
		return;
	}
	put_u32(answer, self.function);
	reply(tag, 0, answer, 4);
}

static void let_go_of_criu(void)
{
	close(self.polled[CRIU].fd);
	self.polled[CRIU].fd = -1;
	self.criu_identity = NOBODY;
	self.criu_works = 0;
}

/* Starts a CRIU that waits for a request: that part of a restore can be done ahead. */
static int prime_criu(int identity, const char **what)
{
	int pair[2], size = 1 << 20;

	*what = "socketpair";
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	*what = "memory.map";
	if (identity == AS_ROOT_MAPPED && read_origins(&self.origins) < 0) {
		close(pair[0]);
		close(pair[1]);
		return -1;
	}
	*what = "criu";
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (takes_reports(identity) && self.polled[ADOPTION].fd >= 0) {
		close(self.polled[ADOPTION].fd); /* of a CRIU that ended while it waited */
		self.polled[ADOPTION].fd = -1;
	}
	self.criu_ended = 0;
	self.criu_pid = start_criu(self.criu_program, identity, pair[1], self.output, &self.origins,
				   &self.polled[ADOPTION].fd);
	close(pair[1]);
	if (self.criu_pid < 0) {
		close(pair[0]);
		return -1;
	}
	self.criu_identity = identity;
	self.polled[CRIU].fd = pair[0];
	return 0;
}

static void prime(uint32_t tag, const uint8_t *payload, size_t bytes)
{
	const char *what = "criu";

	if (self.criu_identity != NOBODY || bytes != 1) {
		refuse(tag, EBUSY, "criu");
		return;
	}
	if (prime_criu(payload[0], &what) < 0)
		refuse(tag, errno, what);
	else
		reply(tag, 0, NULL, 0);
}

static void run_criu(uint32_t tag, const uint8_t *payload, size_t bytes)
{
	const char *what = "criu";

	if (self.criu_works || bytes < 1 ||
	    (self.criu_identity != NOBODY && self.criu_identity != payload[0])) {
		refuse(tag, EBUSY, "criu");
		return;
	}
	if (self.criu_identity == NOBODY && prime_criu(payload[0], &what) < 0) {
		refuse(tag, errno, what);
		return;
	}
	if (takes_reports(payload[0]) && keeps_identities() && load_identities() < 0) {
		refuse(tag, errno, "identities");
		let_go_of_criu();
		return;
	}
	if (send(self.polled[CRIU].fd, payload + 1, bytes - 1, MSG_NOSIGNAL) < 0) {
		refuse(tag, errno, "criu");
		let_go_of_criu();
		return;
	}
	self.criu_tag = tag;
	self.criu_works = 1;
}

/* Function output goes to the engine as it comes; a slow engine slows the function's writes. */
static ssize_t on_output(int source)
{
	static uint8_t buffer[1 << 16];
	uint8_t stream = source == STDOUT ? 1 : 2;
	ssize_t n = read(self.polled[source].fd, buffer, sizeof(buffer));

	if (n > 0 && send_frame(self.connection, EV_OUTPUT, 0, &stream, 1, buffer, n) < 0)
		_exit(0); /* the engine let go */
	return n;
}

/* Passes on what is there now, and no more: others may write on and on. */
static void drain_output(int source)
{
	int waiting = 0;
	ssize_t n;

	if (ioctl(self.polled[source].fd, FIONREAD, &waiting) < 0)
		return;
	while (waiting > 0 && (n = on_output(source)) > 0)
		waiting -= n;
}

static void on_readiness(void);

static void end_readiness(void)
{
	close(self.polled[READINESS].fd);
	self.polled[READINESS].fd = -1;
	send_frame(self.connection, EV_READY, 0, NULL, 0, NULL, 0);
}

/* Its pipe may never end: the relay would ask for the server for ever, and processes that it forked
 * while it loaded hold copies. */
static void function_ended_loading(void)
{
	int waiting = 0;

	if (ioctl(self.polled[READINESS].fd, FIONREAD, &waiting) == 0 && waiting > 0)
		on_readiness();
	if (self.polled[READINESS].fd >= 0)
		end_readiness();
}

static void report_end(pid_t pid, int status)
{
	uint8_t body[8];

	if (pid == self.relay) {
		/* Only a kill of all processes or want of memory ends it. Without it nobody reaches the
		 * function; without another one the sandbox is of no use. */
		if (run_relay(-1) < 0)
			_exit(1);
		return;
	}

	/* What it printed last comes before the news of its end. */
	drain_output(STDOUT);
	drain_output(STDERR);
	self.criu_ended |= pid == self.criu_pid;
	put_u32(body, pid);
	put_u32(body + 4, status);
	send_frame(self.connection, EV_EXITED, 0, body, 8, NULL, 0);
	if (pid == self.function && self.polled[READINESS].fd >= 0)
		function_ended_loading();
}

/* A CRIU that was killed lets go of processes with its own code and registers still in them, or half
 * restored ones: they must not run on. Their ends are reported before the answer. */
static void end_remains(void)
{
	pid_t relay = self.relay;
	int status;
	pid_t pid;

	self.relay = 0; /* another one is started when nothing is left: this would wait for it */
	kill(-1, SIGKILL);
	while ((pid = waitpid(-1, &status, 0)) > 0 || errno == EINTR)
		if (pid > 0 && pid != relay && !WIFSTOPPED(status))
			report_end(pid, status);
	if (relay && run_relay(-1) < 0)
		_exit(1);
}

/* Tells how a greeting went on, and polls for what it waits for. */
static void after_greeting(enum greeting_state state)
{
	if (state == GREETING_ANSWERED)
		reply(self.greeting.tag, 0, self.greeting.answer, self.greeting.answered);
	else if (state == GREETING_FAILED)
		refuse(self.greeting.tag, errno, "the function's socket");
	if (state != GREETING_GOES_ON)
		end_greeting(&self.greeting);
	self.polled[GREETING].fd = self.greeting.fd;
	self.polled[GREETING].events = greeting_events(&self.greeting);
}

/* What is to be said to the function: at once, or when the restore that is under way is done. */
static void greet(uint32_t tag, const uint8_t *payload, size_t bytes)
{
	if (hold_greeting(&self.greeting, tag, payload, bytes) < 0)
		refuse(tag, errno, "greeting");
}

static void greet_restored(int restored)
{
	if (!self.greeting.held)
		return;
	errno = ECANCELED;
	after_greeting(restored ? begin_greeting(&self.greeting) : GREETING_FAILED);
}

/* A response of CRIU, or its end without one. */
static void on_criu(void)
{
	static uint8_t message[1 << 16];
	ssize_t n = recv(self.polled[CRIU].fd, message, sizeof(message), MSG_DONTWAIT);
	int worked = self.criu_works;

	/* Processes that it was restoring may hold the other end, so its own end counts too. */
	if (n < 0 && (errno == EINTR || (errno == EAGAIN && !self.criu_ended)))
		return;
	let_go_of_criu();
	if (!worked)
		return; /* it ended while it waited: the next request starts another */
	if (n > 0) {
		function_is_restored(self.polled[ADOPTION].fd, &self.origins);
		greet_restored(1); /* first: the function runs, and the answer is for the engine only */
		reply(self.criu_tag, 0, message, n);
	} else {
		end_remains();
		greet_restored(0);
		refuse(self.criu_tag, EPIPE, "criu ended without an answer");
	}
}

static void report_memory(uint32_t tag)
{
	struct memory m;
	uint8_t body[36];
	uint64_t values[4];

	if (measure_memory(&m, self.relay) < 0) {
		refuse(tag, errno, "/proc");
		return;
	}
	values[0] = m.resident;
	values[1] = m.proportional;
	values[2] = m.private_bytes;
	values[3] = m.shared;
	for (int i = 0; i < 4; i++) {
		put_u32(body + 8 * i, values[i] >> 32);
		put_u32(body + 8 * i + 4, values[i]);
	}
	put_u32(body + 32, m.processes);
	reply(tag, 0, body, sizeof(body));
}

static void switch_relay(uint32_t tag, int on)
{
	pid_t relay = self.relay;

	if (!self.port) {
		refuse(tag, EINVAL, "relay");
		return;
	}
	if (!on && relay) {
		self.relay = 0;
		kill(relay, SIGKILL);
		while (waitpid(relay, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (on && !relay && run_relay(-1) < 0)
		refuse(tag, errno, "relay");
	else
		reply(tag, 0, NULL, 0);
}

static void on_request(void)
{
	static uint8_t frame[MAX_FRAME];
	uint8_t prefix[4];
	uint32_t bytes, tag;
	struct strings strings;

	/* The engine closing its end is how a sandbox ends: as pid 1 we take all processes along. */
	if (read_exactly(self.connection, prefix, 4) < 0)
		_exit(0);
	bytes = get_u32(prefix);
	if (bytes < 5 || bytes > sizeof(frame) || read_exactly(self.connection, frame, bytes) < 0)
		_exit(1);
	tag = get_u32(frame + 1);
	strings.at = (const char *)frame + 5;
	strings.end = (const char *)frame + bytes;
	switch (frame[0]) {
	case REQ_CONFIGURE:
		configure(tag, strings);
		break;
	case REQ_SPAWN:
		spawn(tag, strings);
		break;
	case REQ_CRIU:
		run_criu(tag, frame + 5, bytes - 5);
		break;
	case REQ_KILL:
		if (bytes != 13 || kill((pid_t)(int32_t)get_u32(frame + 5), get_u32(frame + 9)) < 0)
			refuse(tag, errno, "kill");
		else
			reply(tag, 0, NULL, 0);
		break;
	case REQ_MEMORY:
		report_memory(tag);
		break;
	case REQ_PRIME:
		prime(tag, frame + 5, bytes - 5);
		break;
	case REQ_IDENTITIES:
		if (record_identities() < 0)
			refuse(tag, errno, "identities");
		else
			reply(tag, 0, NULL, 0);
		break;
	case REQ_GREET:
		greet(tag, frame + 5, bytes - 5);
		break;
	case REQ_RELAY:
		switch_relay(tag, bytes == 6 && frame[5]);
		break;
	default:
		refuse(tag, ENOSYS, "request");
	}
}

static void on_readiness(void)
{
	static uint8_t line[1 << 16];
	static size_t length;
	ssize_t n = read(self.polled[READINESS].fd, line + length, sizeof(line) - length);

	if (n < 0 && errno == EINTR)
		return;
	/* A line is whole at its end or when all writers have closed the pipe. Children that a function
	 * forks while it loads may never close it. */
	if (n > 0 && (length += n) < sizeof(line) && !memchr(line, '\n', length))
		return;
	if (length == 0) {
		end_readiness(); /* not ready, and may never be: nobody is to connect to it */
		return;
	}
	close(self.polled[READINESS].fd);
	self.polled[READINESS].fd = -1;
	if (seal_sockets() < 0)
		_exit(1);
	send_frame(self.connection, EV_READY, 0, line, length, NULL, 0);
	length = 0;
}

static void on_signals(void)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(self.polled[SIGNALS].fd, &info, sizeof(info)) == sizeof(info))
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (WIFSTOPPED(status))
			ptrace(PTRACE_DETACH, pid, 0, 0); /* an adoption gave up on it before it stopped */
		else
			report_end(pid, status);
	}
	if (self.criu_ended && self.polled[CRIU].fd >= 0)
		on_criu();
}

static void report_failed_adoption(pid_t process, const char *why)
{
	uint8_t stream = 2;
	char line[256];
	int n = snprintf(line, sizeof(line), "rekindle: killed process %d: its mapped memory cannot be kept right: %s\n",
			 process, why);

	send_frame(self.connection, EV_OUTPUT, 0, &stream, 1, line, n);
}

static void on_adoption(void)
{
	if (serve_report(self.polled[ADOPTION].fd, &self.origins) < 0) {
		close(self.polled[ADOPTION].fd);
		self.polled[ADOPTION].fd = -1;
	}
}

static void open_sources(int connection)
{
	sigset_t blocked;
	int out[2], err[2];

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		_exit(1);
	/* What poll saw may be gone by now, taken when the end of a process was reported: init must not
	 * wait for more. */
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	self.output[0] = out[1];
	self.output[1] = err[1];
	for (int i = 0; i < SOURCES; i++)
		self.polled[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	self.polled[CONTROL].fd = connection;
	self.polled[SIGNALS].fd = signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK);
	self.polled[STDOUT].fd = out[0];
	self.polled[STDERR].fd = err[0];
}

/* Keeps our own descriptors high: lower numbers are given to the programs that we start. */
static void reserve_low_descriptors(void)
{
	for (int fd = 0; fd <= WORK_DIRECTORY_FD; fd++)
		close(fd);
	for (int fd = 0; fd <= WORK_DIRECTORY_FD; fd++)
		if (open("/dev/null", O_RDWR | O_CLOEXEC) < 0)
			_exit(1);
}

void run_init(int connection, uint32_t host_pid, const struct host *host)
{
	const char *what = host->criu;
	uint8_t hello[21];
	sigset_t blocked;

	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	prctl(PR_SET_NAME, "rekindle-init");
	self.connection = fcntl(connection, F_DUPFD_CLOEXEC, WORK_DIRECTORY_FD + 1);
	if (self.connection < 0)
		_exit(1);
	reserve_low_descriptors();
	self.criu_program = open(host->criu, O_PATH | O_CLOEXEC);
	if (self.criu_program < 0 || build_root(host, &what) < 0) {
		refuse(0, errno, what);
		_exit(1);
	}
	if (raise_loopback() < 0) {
		refuse(0, errno, "loopback");
		_exit(1);
	}
	self.criu_identity = NOBODY;
	self.greeting.fd = -1;
	on_ended = report_end;
	on_adoption_failed = report_failed_adoption;
	open_sources(self.connection);
	put_u32(hello, host_pid);
	hello[4] = can_dump_as_root();
	for (int i = 0; i < 2; i++) {
		struct stat st;
		fstat(self.output[i], &st);
		put_u32(hello + 5 + 8 * i, (uint64_t)st.st_ino >> 32);
		put_u32(hello + 9 + 8 * i, st.st_ino);
	}
	send_frame(self.connection, EV_HELLO, 0, hello, sizeof(hello), NULL, 0);
	for (;;) {
		if (poll(self.polled, SOURCES, -1) < 0 && errno != EINTR)
			_exit(1);
		if (self.polled[SIGNALS].revents)
			on_signals();
		for (int source = STDOUT; source <= STDERR; source++)
			if (self.polled[source].revents)
				on_output(source);
		if (self.polled[READINESS].revents)
			on_readiness();
		if (self.polled[ADOPTION].revents)
			on_adoption();
		if (self.polled[CRIU].revents && self.polled[CRIU].fd >= 0)
			on_criu();
		if (self.polled[GREETING].revents)
			after_greeting(continue_greeting(&self.greeting));
		if (self.polled[CONTROL].revents)
			on_request();
	}
}
