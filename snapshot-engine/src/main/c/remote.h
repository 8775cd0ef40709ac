/* Makes system calls in the name of another thread, by ptrace. */
#ifndef REKINDLE_REMOTE_H
#define REKINDLE_REMOTE_H

#include <stdint.h>
#include <sys/types.h>

#define MAX_STOPPED 4096

struct remote {
	pid_t thread;            /* the one that makes the calls */
	pid_t stopped[MAX_STOPPED]; /* all other threads of its process, if they were stopped */
	int stopped_count;
	struct stop *stop;
};

/* Takes hold of a thread that is in a system call; it stops when the call returns. 0, or -1. */
int seize(pid_t thread);

/* Waits until a seized thread stands at the end of its call. 0, or -1 if it is gone. */
int begin_remote(struct remote *remote, pid_t thread);

/* Stops all other threads of its process. 0, or -1 if one could not be stopped. */
int stop_others(struct remote *remote, pid_t process);

/* Waits until a seized thread stands, wherever it is; and lets it go on there, or make the call anew
 * at whose end it stands. */
int begin_remote_anywhere(struct remote *remote, pid_t thread);
void end_remote_anywhere(struct remote *remote, int anew);

/* A call's result, or a negative errno. */
long remote_call(struct remote *remote, long number, const uint64_t arguments[6]);

/* What remote_call's thread is to see of the call that it was stopped in. */
#define MAKE_CALL_ANEW 1

/* Lets all threads go on; the one that made the calls makes its own call anew or has this result. */
void end_remote(struct remote *remote, long result);

/* What the waits of this module learn of ended processes, for the one who counts them. */
extern void (*on_ended)(pid_t pid, int status);

#endif
