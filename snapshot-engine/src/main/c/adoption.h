/* Keeps mapped memory true to what the program believes it to be.
 *
 * After a mapped restore, memory that was anonymous is a private mapping of the snapshot's pages.
 * Reads, writes, fork and mprotect cannot tell; but calls that discard or stretch memory can: they
 * would bring the snapshot's bytes where the program counts on zeros. So all restored processes
 * inherit a seccomp filter that reports such calls, on such addresses, to init. Before init lets a
 * call through, it turns the memory concerned into real anonymous memory, by having the caller's
 * own thread make the mmap; then the call runs anew, and the kernel does the right thing.
 */
#ifndef REKINDLE_ADOPTION_H
#define REKINDLE_ADOPTION_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The first instruction of our filter loads this: by it a dump knows the filter and leaves it out
 * (SeccompChain.java). */
#define ADOPTION_FILTER_MARK 0x524b4441u

/* A range of addresses that hold mapped memory, and where the content is. */
struct origin {
	uint64_t start, end;  /* the area as the program made it */
	uint64_t position;    /* of the mapped part in its pages file */
	uint64_t bytes;       /* of the mapped part */
	uint64_t file_offset; /* of the same part in the file below */
	uint32_t pages_id;
	char *file;           /* whose private mapping it was; NULL: anonymous memory */
};

struct origins {
	struct origin *at;
	size_t count;
};

/* adoption_filter.c */
int read_origins(struct origins *origins);
int install_adoption_filter(const struct origins *origins, int keep_identities);

struct seccomp_notif;

/* adoption.c: serves a report on memory. */
void adopt_memory(int listener, const struct seccomp_notif *report, const struct origins *origins);

/* Is told of a process that is killed because its memory could not be kept right. */
extern void (*on_adoption_failed)(pid_t process, const char *why);

#endif
