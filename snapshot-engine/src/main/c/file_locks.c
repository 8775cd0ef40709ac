#include "identity.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include "adoption.h"
#include "remote.h"
#include "reports.h"

/* CRIU brings locks back first and mappings after them, and closes the file of each mapping: which,
 * as POSIX has it, ends all locks of the process on that file. So the locks on files that are mapped
 * too are set anew here: SQLite's WAL has one as long as it is open. */

struct lock {
	pid_t process;
	int fd;
	struct flock at;
};
static struct lock *locks;
static size_t count;

int note_lock(const char *record)
{
	struct lock l = { .at = { .l_whence = SEEK_SET } }, *grown;
	char type;
	long start, bytes;

	if (sscanf(record, "%d %d %c %ld %ld", &l.process, &l.fd, &type, &start, &bytes) != 5) {
		errno = EBADMSG;
		return -1;
	}
	l.at.l_type = type == 'w' ? F_WRLCK : F_RDLCK;
	l.at.l_start = start;
	l.at.l_len = bytes;
	grown = realloc(locks, (count + 1) * sizeof(l));
	if (!grown)
		return -1;
	locks = grown;
	locks[count++] = l;
	return 0;
}

/* Whether a process maps a file. */
static int maps(const char *process, unsigned int major, unsigned int minor, unsigned long inode)
{
	char path[64], *line = NULL;
	unsigned int line_major, line_minor;
	unsigned long line_inode;
	size_t capacity = 0;
	int found = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/maps", process);
	f = fopen(path, "re");
	while (f && !found && getline(&line, &capacity, f) > 0)
		found = sscanf(line, "%*x-%*x %*s %*x %x:%x %lu", &line_major, &line_minor, &line_inode) == 3 &&
			line_major == major && line_minor == minor && line_inode == inode;
	free(line);
	if (f)
		fclose(f);
	return found;
}

/* A line of fdinfo, as "lock:\t1: POSIX  ADVISORY  READ 300 00:33:5 128 EOF". */
static void record_lock(const char *process, const char *fd, const char *line, FILE *out)
{
	unsigned int major, minor;
	unsigned long inode;
	char type[8], end[24];
	long start;

	if (sscanf(line, "lock: %*d: POSIX %*s %7s %*d %x:%x:%lu %ld %23s", type, &major, &minor, &inode, &start,
		   end) == 6 &&
	    shows_files_of(makedev(major, minor)) && maps(process, major, minor, inode))
		fprintf(out, "lock %s %s %c %ld %ld%c", process, fd, *type == 'W' ? 'w' : 'r', start,
			strcmp(end, "EOF") == 0 ? 0 : atol(end) - start + 1, 0);
}

static void record_locks_of(const char *process, FILE *out)
{
	char path[64], file[96], line[256];
	struct dirent *entry;
	DIR *directory;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/fdinfo", process);
	directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		if (!isdigit(entry->d_name[0]))
			continue;
		snprintf(file, sizeof(file), "%s/%.20s", path, entry->d_name);
		f = fopen(file, "re");
		while (f && fgets(line, sizeof(line), f))
			record_lock(process, entry->d_name, line, out);
		if (f)
			fclose(f);
	}
	if (directory)
		closedir(directory);
}

int record_locks(FILE *out)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	if (!proc)
		return -1;
	while ((entry = readdir(proc)))
		if (isdigit(entry->d_name[0]) && atoi(entry->d_name) != 1)
			record_locks_of(entry->d_name, out);
	closedir(proc);
	return 0;
}

/* Locks are a process's: it has to set them itself. */
static int set_locks_of(struct remote *remote, pid_t process)
{
	uint64_t map[] = { 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, ~0ull, 0 };
	long at = remote_call(remote, SYS_mmap, map);
	uint64_t unmap[6] = { at, 4096 };
	int failed = at < 0 && at > -4096;

	if (failed)
		return -1;
	for (size_t i = 0; i < count && !failed; i++) {
		struct iovec here = { &locks[i].at, sizeof(locks[i].at) };
		struct iovec there = { (void *)at, sizeof(locks[i].at) };
		uint64_t set[6] = { locks[i].fd, F_SETLK, at };

		if (locks[i].process == process)
			failed = process_vm_writev(process, &here, 1, &there, 1, 0) < 0 ||
				 remote_call(remote, SYS_fcntl, set) < 0;
	}
	remote_call(remote, SYS_munmap, unmap);
	return failed ? -1 : 0;
}

void set_locks(void)
{
	static struct remote remote;
	int anew;

	for (size_t i = 0; i < count; i++) {
		pid_t process = locks[i].process;
		int done = i > 0 && locks[i - 1].process == process;

		if (done)
			continue; /* with the one before */
		if (seize(process) == 0) {
			anew = release_waiting(process);
			if (begin_remote_anywhere(&remote, process) == 0) {
				done = set_locks_of(&remote, process) == 0;
				end_remote_anywhere(&remote, anew);
			}
		}
		if (!done && kill(process, 0) == 0) {
			on_adoption_failed(process, "a lock on a mapped file cannot be set anew");
			kill(process, SIGKILL);
		}
	}
	count = 0;
}
