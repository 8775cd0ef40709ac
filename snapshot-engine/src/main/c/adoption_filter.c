#include "adoption.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "advice.h"
#include "identity.h"

#define MEMORY_MAP "/rekindle/private/snapshot/mapped/memory.map"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/* The most ranges for which a filter stays below the kernel's 4096 instructions; past it, all
 * addresses between the first and the last are reported. */
#define MAX_RANGES 700

/* Lines: START END PAGES-ID POSITION BYTES FILE-OFFSET FILE|-, numbers in hexadecimal. */
int read_origins(struct origins *origins)
{
	FILE *f = fopen(MEMORY_MAP, "re");
	char *line = NULL;
	size_t capacity = 0;
	int failed = 0;
	ssize_t n;

	if (!f)
		return -1;
	while (!failed && (n = getline(&line, &capacity, f)) > 0) {
		struct origin o = { 0 }, *grown;
		int path = 0;

		line[n - 1] = 0;
		if (sscanf(line, "%lx %lx %x %lx %lx %lx %n", &o.start, &o.end, &o.pages_id, &o.position,
			   &o.bytes, &o.file_offset, &path) != 6 || !path) {
			errno = EBADMSG;
			failed = 1;
			break;
		}
		o.file = strcmp(line + path, "-") == 0 ? NULL : strdup(line + path);
		grown = origins->at;
		if (origins->count % 64 == 0)
			grown = realloc(origins->at, (origins->count + 64) * sizeof(o));
		failed = !grown;
		if (grown) {
			origins->at = grown;
			origins->at[origins->count++] = o;
		}
	}
	free(line);
	fclose(f);
	return failed ? -1 : 0;
}

struct range {
	uint32_t start, end; /* in units of 64 KiB: addresses then fit the filter's registers */
};

static int compare(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static size_t merge(const struct origins *origins, struct range *ranges)
{
	size_t n = 0;

	for (size_t i = 0; i < origins->count; i++)
		ranges[i] = (struct range){ origins->at[i].start >> 16, (origins->at[i].end + 0xffff) >> 16 };
	qsort(ranges, origins->count, sizeof(*ranges), compare);
	for (size_t i = 0; i < origins->count; i++) {
		if (n > 0 && ranges[i].start <= ranges[n - 1].end) {
			if (ranges[i].end > ranges[n - 1].end)
				ranges[n - 1].end = ranges[i].end;
		} else {
			ranges[n++] = ranges[i];
		}
	}
	if (n > MAX_RANGES) {
		ranges[0].end = ranges[n - 1].end;
		n = 1;
	}
	return n;
}

static struct sock_filter code[4096];
static size_t length;

static void statement(uint16_t operation, uint32_t k)
{
	code[length++] = (struct sock_filter)BPF_STMT(operation, k);
}

static void jump(uint16_t test, uint32_t k, uint8_t if_true, uint8_t if_false)
{
	code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | test | BPF_K, k, if_true, if_false);
}

static void load(size_t offset)
{
	statement(BPF_LD | BPF_W | BPF_ABS, offset);
}

static void leave(uint32_t action)
{
	statement(BPF_RET | BPF_K, action);
}

static size_t argument(int i)
{
	return offsetof(struct seccomp_data, args) + 8 * i;
}

static const uint32_t watched[] = {
	MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_WIPEONFORK, ADVICE_DONTNEED_LOCKED, ADVICE_GUARD_INSTALL,
};
#define WATCHED (sizeof(watched) / sizeof(*watched))

/* WATCHED + 2 instructions: allows the call unless the argument is one of the watched advices. */
static void pass_unless_watched(int i)
{
	load(argument(i));
	for (size_t a = 0; a < WATCHED; a++)
		jump(BPF_JEQ, watched[a], WATCHED - a, 0);
	leave(SECCOMP_RET_ALLOW);
}

/* Leaves a 64-bit argument in units of 64 KiB in M[slot] and the accumulator; reports the call if
 * it is past any address of a program. */
static void load_units(int i, int slot)
{
	load(argument(i) + 4);
	jump(BPF_JGE, 0x4000 << (slot == 0), 0, 1);
	leave(SECCOMP_RET_USER_NOTIF);
	statement(BPF_ALU | BPF_LSH | BPF_K, 16);
	statement(BPF_ST, slot);
	load(argument(i));
	statement(BPF_ALU | BPF_RSH | BPF_K, 16);
	statement(BPF_MISC | BPF_TAX, 0);
	statement(BPF_LD | BPF_MEM, slot);
	statement(BPF_ALU | BPF_OR | BPF_X, 0);
	statement(BPF_ST, slot);
}

static void report_if_within(const struct range *r)
{
	statement(BPF_LD | BPF_MEM, 1);
	jump(BPF_JGT, r->start, 0, 3);
	statement(BPF_LD | BPF_MEM, 0);
	jump(BPF_JGE, r->end, 1, 0);
	leave(SECCOMP_RET_USER_NOTIF);
}

static void assemble(const struct range *ranges, size_t n, int keep_identities)
{
	length = 0;
	statement(BPF_LD | BPF_IMM, ADOPTION_FILTER_MARK);
	load(offsetof(struct seccomp_data, arch));
	jump(BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0);
	leave(SECCOMP_RET_ALLOW);
	load(offsetof(struct seccomp_data, nr));
	for (int i = 0; keep_identities && i < identity_call_count; i++) {
		jump(BPF_JEQ, identity_calls[i], 0, 1);
		leave(SECCOMP_RET_USER_NOTIF);
	}
	/* Kernels before 6.15 refuse to discard by process_madvise: so do we. */
	jump(BPF_JEQ, SYS_process_madvise, 0, WATCHED + 3);
	pass_unless_watched(3);
	leave(SECCOMP_RET_ERRNO | EINVAL);
	jump(BPF_JEQ, SYS_mremap, WATCHED + 4, 0);
	jump(BPF_JEQ, SYS_madvise, 1, 0);
	leave(SECCOMP_RET_ALLOW);
	pass_unless_watched(2);
	/* M[0]: the first unit of the call's range; M[1]: past its last. */
	load_units(0, 0);
	load_units(1, 1);
	statement(BPF_ALU | BPF_ADD | BPF_K, 2);
	statement(BPF_MISC | BPF_TAX, 0);
	statement(BPF_LD | BPF_MEM, 0);
	statement(BPF_ALU | BPF_ADD | BPF_X, 0);
	statement(BPF_ST, 1);
	for (size_t i = 0; i < n; i++)
		report_if_within(&ranges[i]);
	leave(SECCOMP_RET_ALLOW);
}

/* Gives the calling process the filter, and returns the descriptor that gets its reports. */
int install_adoption_filter(const struct origins *origins, int keep_identities)
{
	struct range *ranges = calloc(origins->count + 1, sizeof(*ranges));
	struct sock_fprog program = { .filter = code };

	if (!ranges)
		return -1;
	assemble(ranges, merge(origins, ranges), keep_identities);
	free(ranges);
	program.len = length;
	/* WAIT_KILLABLE: once init has a report, no signal makes the program's call fail with EINTR. */
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		       SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
}
