/* Pid 1 of a sandbox. */
#ifndef REKINDLE_INIT_H
#define REKINDLE_INIT_H

#include <stdint.h>
#include <sys/types.h>

struct host {
	const char *criu;            /* path of the criu binary */
	const char *state_directory; /* the engine's own; holds criu.kdat and an empty "root" */
};

/* Serves one connection until it closes; never returns to other work. */
void run_init(int connection, uint32_t host_pid, const struct host *host);

/* rootfs.c: builds the sandbox's file system below state_directory/root (private to its mount
 * namespace). The steps return 0, or -1 with errno set and *what naming the step. */
int build_root(const struct host *host, const char **what);
int bind_into_root(const char *source, const char *target, int read_only, const char **what);
int enter_root(const char **what);
int raise_loopback(void);
int limit_tmp(const char *bytes);

/* process.c: starts programs in the sandbox. */
struct strings {
	const char *at;
	const char *end;
};
const char *next_string(struct strings *s);

/* With a readiness of -1 the program gets no pipe to report on, and no directory for sockets. */
pid_t spawn_function(struct strings s, const int output[2], int readiness, const char **what);
int drop_privileges(uid_t id);
struct origins;
pid_t start_criu(int criu_fd, int identity, int socket, const int output[2],
		 const struct origins *origins, int *listener);
int takes_reports(int identity);
int can_dump_as_root(void);

/* seccomp.c: takes system calls from the calling process for good. */
int refuse_calls(void);

/* sockets.c: the directory of the function's sockets, which is the function's until it is ready. */
int open_sockets(void);
int seal_sockets(void);

/* greeting.c: says something to a socket of the function's and takes the answer, without ever waiting
 * for the function: init must be free to help it meanwhile. One at a time. */
enum greeting_state { GREETING_GOES_ON, GREETING_ANSWERED, GREETING_FAILED };
struct greeting {
	uint32_t tag;
	int held;      /* not said yet: the function is not restored yet */
	int fd;        /* of the connection, or -1 */
	char *message; /* a path, its NUL, then what is to be said; NULL: there is no greeting. A path
			* that begins with @ is the beginning of the names of doors: sockets without a
			* file, of which each process of the function may have one. All are greeted, one
			* after the other, and the answers put together. */
	struct doors *doors;
	size_t bytes, sent;
	uint8_t *answer;
	size_t answered;
};
int hold_greeting(struct greeting *g, uint32_t tag, const uint8_t *payload, size_t bytes);
enum greeting_state begin_greeting(struct greeting *g);
enum greeting_state continue_greeting(struct greeting *g);
short greeting_events(const struct greeting *g);
void end_greeting(struct greeting *g);

/* relay.c: carries connections from function.sock to a TCP port of the sandbox. The relay says on its
 * readiness pipe, if it has one, when somebody listens there. */
int open_relay_socket(void);
pid_t start_relay(int listener, uint16_t port, int readiness);

/* memory.c: sums smaps_rollup over all processes of the sandbox but init and the relay. */
struct memory {
	uint64_t resident, proportional, private_bytes, shared;
	uint32_t processes;
};
int measure_memory(struct memory *m, pid_t relay);

#endif
