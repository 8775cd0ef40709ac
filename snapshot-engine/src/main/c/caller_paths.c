#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "wire.h"

#define MAX_LINKS 40 /* the kernel's MAXSYMLINKS */
#define PROC_ROOT 1  /* the inode number of /proc itself, in the kernel's PROC_ROOT_INO */

/* From here to be_init(), files open if they open for functions. Functions are all of one user, have
 * no capabilities and cannot get any. */
static void be_function(void)
{
	setfsgid(FUNCTION_ID);
	setfsuid(FUNCTION_ID);
}

static void be_init(void)
{
	setfsuid(0);
	setfsgid(0);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* the kernel forgets it when ids change (sandboxd.c) */
}

static int lies_in_proc(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* Where a thread's path begins; before be_function(). */
static int open_start(pid_t thread, int directory, const char *path)
{
	char held[64];
	int fd;

	if (path[0] == '/')
		return open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory == AT_FDCWD)
		snprintf(held, sizeof(held), "/proc/%d/cwd", thread);
	else
		snprintf(held, sizeof(held), "/proc/%d/fd/%d", thread, directory);
	fd = open(held, O_PATH | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || directory < 0) && directory != AT_FDCWD)
		errno = EBADF;
	return fd;
}

/* A path that is followed name by name. */
struct trail {
	pid_t thread;
	int at;              /* the directory that is reached */
	char rest[PATH_MAX]; /* what is still to be followed */
	int links;
};

static int step_to(struct trail *t, int fd)
{
	close(t->at);
	t->at = fd;
	return 0;
}

/* Puts a link's text in the place of its name. */
static int follow_text(struct trail *t, const char *target, const char *after)
{
	char joined[PATH_MAX];

	if (!*target)
		return -ENOENT;
	if (snprintf(joined, sizeof(joined), "%s%s", target, after) >= (int)sizeof(joined))
		return -ENAMETOOLONG;
	strcpy(t->rest, joined);
	return target[0] == '/' ? step_to(t, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) : 0;
}

/* The caller's own "self" is not ours, and other links of /proc lead where no text says. */
static int follow_in_proc(struct trail *t, const char *name, const char *target, const char *after,
			  const struct stat *link)
{
	char self[64];
	struct stat at;
	int fd;

	if (fstat(t->at, &at) == 0 && at.st_ino == PROC_ROOT) {
		if (strcmp(name, "self") == 0 || strcmp(name, "thread-self") == 0) {
			/* A thread's number stands for its process, too. */
			snprintf(self, sizeof(self), strcmp(name, "self") == 0 ? "/proc/%1$d" : "/proc/%1$d/task/%1$d",
				 t->thread);
			return follow_text(t, self, after);
		}
		return follow_text(t, target, after);
	}
	if (link->st_uid != FUNCTION_ID)
		return KERNEL_KNOWS; /* may be another's */
	fd = openat(t->at, name, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return KERNEL_KNOWS;
	memmove(t->rest, after, strlen(after) + 1);
	return step_to(t, fd);
}

/* One name, and the slashes after it. 1 at the end, or 0, or an error. */
static int step(struct trail *t, int follow_last)
{
	char name[NAME_MAX + 1], target[PATH_MAX], after[PATH_MAX];
	const char *from = t->rest + strspn(t->rest, "/");
	size_t length = strcspn(from, "/");
	struct stat st;
	ssize_t n;
	int fd, result;

	if (length > NAME_MAX)
		return -ENAMETOOLONG;
	/* Slashes at the end ask for a directory. */
	snprintf(name, sizeof(name), "%.*s", length ? (int)length : 1, length ? from : ".");
	strcpy(after, from + length);
	fd = openat(t->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return lies_in_proc(t->at) ? KERNEL_KNOWS : -errno;
	if (fstat(fd, &st) < 0 || !S_ISLNK(st.st_mode) || (!*after && !follow_last)) {
		step_to(t, fd);
		strcpy(t->rest, after);
		return !*after;
	}
	n = ++t->links > MAX_LINKS ? -1 : readlinkat(fd, "", target, sizeof(target) - 1);
	if (n < 0) {
		result = t->links > MAX_LINKS ? -ELOOP : lies_in_proc(fd) ? KERNEL_KNOWS : -errno;
		close(fd);
		return result;
	}
	target[n] = 0;
	result = lies_in_proc(fd) ? follow_in_proc(t, name, target, after, &st) :
				    follow_text(t, target, after);
	close(fd);
	return result < 0 ? result : !*t->rest;
}

/* As the function, name by name: for paths with symbolic links. Takes the descriptor. */
static int walk(pid_t thread, int start, const char *path, int follow)
{
	struct trail t = { .thread = thread, .at = start };
	int result;

	strcpy(t.rest, path);
	do
		result = step(&t, follow);
	while (result == 0);
	if (result > 0 && t.at >= 0)
		return t.at;
	if (t.at >= 0)
		close(t.at);
	return result < 0 ? result : -ENOENT;
}

int open_as_caller(pid_t thread, int directory, const char *path, int follow)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW),
		.resolve = RESOLVE_NO_SYMLINKS,
	};
	int start = open_start(thread, directory, path), fd;

	if (start < 0)
		return -errno;
	be_function();
	fd = syscall(SYS_openat2, start, path, &how, sizeof(how));
	if (fd < 0)
		fd = -errno;
	if (fd == -ELOOP || fd == -EACCES)
		fd = walk(thread, start, path, follow);
	else
		close(start);
	be_init();
	if (fd >= 0 && lies_in_proc(fd)) {
		close(fd);
		return KERNEL_KNOWS;
	}
	return fd;
}
