#include "adoption.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "advice.h"
#include "remote.h"
#include "reports.h"

#define PAGES "/rekindle/private/snapshot/images/pages-"
#define PAGE 4096ull
#define CHUNK (1 << 20)

void (*on_adoption_failed)(pid_t process, const char *why);

/* A mapping of the program, clipped to a call's range. */
struct part {
	uint64_t start, end, position;
	uint32_t pages_id;
	int protection, ours, private, locked;
};

struct parts {
	struct part *at;
	size_t count;
	int ours;
};

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t whole_pages(uint64_t bytes)
{
	return (bytes + PAGE - 1) & ~(PAGE - 1);
}

static int add_part(struct parts *parts, const struct part *p)
{
	if (parts->count % 64 == 0) {
		struct part *grown = realloc(parts->at, (parts->count + 64) * sizeof(*p));
		if (!grown)
			return -1;
		parts->at = grown;
	}
	parts->at[parts->count++] = *p;
	parts->ours += p->ours;
	return 0;
}

/* A number that /proc/PID/status shows; 0 if it shows none. */
static long status_of(pid_t thread, const char *format)
{
	char path[64], line[128];
	long value = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", thread);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, format, &value) == 1)
			break;
	if (f)
		fclose(f);
	return value;
}

/* A mapping's line of maps or smaps, clipped to a range; 0 if it is none, or outside. */
static int parse_part(const char *line, uint64_t start, uint64_t end, struct part *p)
{
	char permissions[8];
	uint64_t from, to, offset;
	int name = 0;

	if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %n", &from, &to, permissions, &offset, &name) < 4 ||
	    to <= start || from >= end)
		return 0;
	*p = (struct part){ .start = max(from, start), .end = min(to, end) };
	p->position = offset + (p->start - from);
	p->private = permissions[3] == 'p';
	p->protection = (permissions[0] == 'r' ? PROT_READ : 0) | (permissions[1] == 'w' ? PROT_WRITE : 0) |
			(permissions[2] == 'x' ? PROT_EXEC : 0);
	if (name && strncmp(line + name, PAGES, strlen(PAGES)) == 0) {
		p->ours = 1;
		p->pages_id = strtoul(line + name + strlen(PAGES), NULL, 10);
	}
	return 1;
}

static int find_parts(pid_t pid, uint64_t start, uint64_t end, struct parts *parts)
{
	/* Only smaps tells what is locked; it is slow, and few programs lock memory. */
	int locks = status_of(pid, "VmLck: %ld") > 0, failed = 0, inside = 0;
	char path[64], *line = NULL;
	size_t capacity = 0;
	struct part p;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, locks ? "smaps" : "maps");
	f = fopen(path, "re");
	if (!f)
		return -1;
	while (!failed && getline(&line, &capacity, f) > 0) {
		if (parse_part(line, start, end, &p)) {
			failed = add_part(parts, &p) < 0;
			inside = 1;
		} else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
			parts->at[parts->count - 1].locked = strstr(line, " lo") != NULL;
			inside = 0;
		}
	}
	free(line);
	fclose(f);
	return failed ? -1 : 0;
}

/* The file that a part showed when the snapshot was taken; NULL for anonymous memory. */
static const struct origin *file_below(const struct origins *origins, const struct part *p)
{
	for (size_t i = 0; i < origins->count; i++) {
		const struct origin *o = &origins->at[i];
		if (o->pages_id == p->pages_id && p->position >= o->position &&
		    p->position < o->position + o->bytes)
			return o->file ? o : NULL;
	}
	return NULL;
}

static long map_anonymous(struct remote *remote, uint64_t at, uint64_t bytes, int protection, int flags)
{
	uint64_t arguments[] = { at, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, ~0ull, 0 };

	return remote_call(remote, SYS_mmap, arguments);
}

/* Fresh memory in the place of a part, whose content is being thrown away. */
static int replace(struct remote *remote, const struct part *p)
{
	int flags = MAP_FIXED | (p->locked ? MAP_LOCKED : 0);

	return map_anonymous(remote, p->start, p->end - p->start, p->protection, flags) == (long)p->start ? 0 : -1;
}

/* Copies what is not zero. */
static int copy_memory(pid_t pid, uint64_t from, uint64_t to, uint64_t bytes)
{
	static uint8_t chunk[CHUNK], zeros[PAGE];
	char path[64];
	int fd, failed = 0;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;
	for (uint64_t done = 0; done < bytes && !failed; done += CHUNK) {
		uint64_t n = min(CHUNK, bytes - done);

		failed = pread(fd, chunk, n, from + done) != (ssize_t)n;
		for (uint64_t page = 0; page < n && !failed; page += PAGE)
			if (memcmp(chunk + page, zeros, PAGE) != 0)
				failed = pwrite(fd, chunk + page, PAGE, to + done + page) != (ssize_t)PAGE;
	}
	close(fd);
	return failed ? -1 : 0;
}

/* Anonymous memory of the same content in the place of a range with one protection. */
static int convert(struct remote *remote, const struct part *p)
{
	uint64_t bytes = p->end - p->start;
	long at = map_anonymous(remote, 0, bytes, PROT_READ | PROT_WRITE,
				p->locked ? MAP_LOCKED : 0);
	uint64_t protect[6] = { at, bytes, p->protection };
	uint64_t move[6] = { at, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, p->start };

	if (at < 0 && at > -4096)
		return -1;
	if (copy_memory(remote->thread, p->start, at, bytes) < 0 ||
	    remote_call(remote, SYS_mprotect, protect) < 0 ||
	    remote_call(remote, SYS_mremap, move) != (long)p->start)
		return -1;
	return 0;
}

/* Converts all that is ours, joined with anonymous neighbours: the program made them as one area. */
static int convert_all(struct remote *remote, const struct parts *parts)
{
	size_t next;

	for (size_t i = 0; i < parts->count; i = next) {
		struct part joined = parts->at[i];

		for (next = i + 1; next < parts->count; next++) {
			const struct part *p = &parts->at[next];
			if (p->start != joined.end || p->protection != joined.protection ||
			    p->locked != joined.locked || !p->private || !joined.private)
				break;
			joined.end = p->end;
			joined.ours |= p->ours;
		}
		if (joined.ours && convert(remote, &joined) < 0)
			return -1;
	}
	return 0;
}

/* Gives a part back the bytes of the file that it once showed: what discarding means for it. */
static int show_file(pid_t pid, const struct part *p, const struct origin *o)
{
	static uint8_t page[PAGE];
	char path[64];
	int file = open(o->file, O_RDONLY | O_CLOEXEC), memory, failed;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	memory = open(path, O_RDWR | O_CLOEXEC);
	failed = file < 0 || memory < 0;
	for (uint64_t at = p->start; at < p->end && !failed; at += PAGE) {
		memset(page, 0, PAGE);
		failed = pread(file, page, PAGE, o->file_offset + (p->position - o->position) + (at - p->start)) < 0 ||
			 pwrite(memory, page, PAGE, at) != (ssize_t)PAGE;
	}
	if (file >= 0)
		close(file);
	if (memory >= 0)
		close(memory);
	return failed ? -1 : 0;
}

/* Whatever a failure here leaves behind could be wrong bytes: the process must not go on. */
static void give_up(pid_t thread, const char *what)
{
	on_adoption_failed(thread, what);
	kill(thread, SIGKILL);
}

static int keeps_content(const struct seccomp_data *call)
{
	return call->nr == SYS_mremap || (int)call->args[2] == MADV_WIPEONFORK;
}

/* Fresh memory for what is to lose its content, so that the call may be made anew. Parts that were
 * a file's stay, so for ranges with such parts the call is made here, part by part: its result. */
static long discard(struct remote *remote, const struct seccomp_data *call, const struct parts *parts,
		    const struct origins *origins)
{
	uint64_t arguments[6] = { 0, 0, call->args[2] };
	long result = MAKE_CALL_ANEW;

	for (size_t i = 0; i < parts->count; i++) {
		const struct part *p = &parts->at[i];
		if (p->ours && file_below(origins, p))
			result = 0;
		else if (p->ours && replace(remote, p) < 0)
			return -1;
	}
	for (size_t i = 0; i < parts->count && result != MAKE_CALL_ANEW; i++) {
		const struct part *p = &parts->at[i];
		const struct origin *o = p->ours ? file_below(origins, p) : NULL;
		long one = 0;

		arguments[0] = p->start;
		arguments[1] = p->end - p->start;
		if (!o)
			one = remote_call(remote, call->nr, arguments);
		else if (arguments[2] != MADV_DONTNEED && arguments[2] != ADVICE_DONTNEED_LOCKED)
			one = -EINVAL; /* only anonymous memory takes the other advices */
		else if (show_file(remote->thread, p, o) < 0)
			return -1;
		if (one < 0)
			result = one;
	}
	return result;
}

/* Turns what is ours in the range into memory that the call may work on, then has it made anew. */
static void adopt(int listener, const struct seccomp_notif *report, const struct parts *parts,
		  const struct origins *origins)
{
	static struct remote remote;
	pid_t thread = report->pid;
	long result = MAKE_CALL_ANEW;

	if (seize(thread) < 0) {
		give_up(thread, "it is traced by another process");
		return;
	}
	/* The answer makes the call return, and the thread stop, before it is back in its program. */
	answer_report(listener, report->id, 0, 0);
	if (begin_remote(&remote, thread) < 0) {
		give_up(thread, "its thread did not stop");
		return;
	}
	errno = 0;
	if (!keeps_content(&report->data))
		result = discard(&remote, &report->data, parts, origins);
	else if (stop_others(&remote, status_of(thread, "Tgid: %ld")) < 0 || convert_all(&remote, parts) < 0)
		result = -1;
	if (result == -1)
		give_up(thread, "no memory or no access");
	end_remote(&remote, result);
}

/* Locked memory cannot be discarded, but by the one advice that says so. */
static int is_refused(const struct seccomp_data *call, const struct parts *parts)
{
	if (call->nr != SYS_madvise || (int)call->args[2] == ADVICE_DONTNEED_LOCKED || keeps_content(call))
		return 0;
	for (size_t i = 0; i < parts->count; i++)
		if (parts->at[i].locked)
			return 1;
	return (int)call->args[2] == MADV_REMOVE;
}

void adopt_memory(int listener, const struct seccomp_notif *report, const struct origins *origins)
{
	const struct seccomp_data *call = &report->data;
	uint64_t start = call->args[0], bytes = whole_pages(call->args[1]);
	struct parts parts = { 0 };

	if (start % PAGE != 0 || start + bytes < start || find_parts(report->pid, start, start + bytes, &parts) < 0 ||
	    parts.ours == 0) {
		/* Nothing of ours, or an error that the kernel will find. */
		answer_report(listener, report->id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	} else if (call->nr == SYS_mremap && call->args[2] <= call->args[1] &&
		   !(call->args[3] & (MREMAP_FIXED | MREMAP_DONTUNMAP))) {
		answer_report(listener, report->id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE); /* shrinks in place */
	} else if (is_refused(call, &parts)) {
		answer_report(listener, report->id, EINVAL, 0); /* as for anonymous memory */
	} else {
		adopt(listener, report, &parts, origins);
	}
	free(parts.at);
}
