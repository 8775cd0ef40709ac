/* Reports of the filter that restored processes inherit from CRIU (adoption.h, identity.h). */
#ifndef REKINDLE_REPORTS_H
#define REKINDLE_REPORTS_H

#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/types.h>

struct origins;

/* Takes one report and serves it. Returns 0, or -1 if the listener is of no more use. */
int serve_report(int listener, const struct origins *origins);

int answer_report(int listener, uint64_t id, int error, uint32_t flags);

/* Is to be called when CRIU is done with a restore. */
void function_is_restored(int listener, const struct origins *origins);

/* For a thread that is seized: if it waits for an answer, its call returns, and it stops. Whether the
 * call is to be made anew. */
int release_waiting(pid_t thread);

#endif
