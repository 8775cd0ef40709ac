#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include "reports.h"

const int identity_calls[] = { SYS_stat, SYS_fstat, SYS_lstat, SYS_newfstatat, SYS_statx };
const int identity_call_count = sizeof(identity_calls) / sizeof(*identity_calls);

#define KNOWN_FLAGS (AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)
#define PAGE 4096

/* A call of the stat family, in one form. */
struct call {
	pid_t thread;
	int number;
	int directory;
	uint64_t path;
	int flags;
	unsigned int mask;
	uint64_t buffer;
};

/* What it is to write into its buffer. */
union result {
	struct stat st;
	struct statx stx;
};

int tells_identity(int number)
{
	for (int i = 0; i < identity_call_count; i++)
		if (identity_calls[i] == number)
			return 1;
	return 0;
}

static struct call decode(const struct seccomp_notif *report)
{
	const struct seccomp_data *d = &report->data;
	struct call c = { .thread = report->pid, .number = d->nr, .directory = AT_FDCWD };

	switch (d->nr) {
	case SYS_fstat:
		c.directory = (int)d->args[0] < 0 ? -1 : (int)d->args[0]; /* AT_FDCWD is none of fstat */
		c.flags = AT_EMPTY_PATH;
		c.buffer = d->args[1];
		break;
	case SYS_stat:
	case SYS_lstat:
		c.path = d->args[0];
		c.buffer = d->args[1];
		c.flags = d->nr == SYS_lstat ? AT_SYMLINK_NOFOLLOW : 0;
		break;
	case SYS_newfstatat:
		c.directory = d->args[0];
		c.path = d->args[1];
		c.buffer = d->args[2];
		c.flags = d->args[3];
		break;
	default: /* statx */
		c.directory = d->args[0];
		c.path = d->args[1];
		c.flags = d->args[2];
		c.mask = d->args[3];
		c.buffer = d->args[4];
	}
	return c;
}

/* Reads a path with its NUL; -1 if it is longer than the kernel takes, or not there. */
static int read_path(pid_t thread, uint64_t at, char *path)
{
	size_t done = 0;

	while (done < PATH_MAX) {
		size_t n = PAGE - (at + done) % PAGE;
		struct iovec here = { path + done, n < PATH_MAX - done ? n : PATH_MAX - done };
		struct iovec there = { (void *)(at + done), here.iov_len };
		ssize_t got = process_vm_readv(thread, &here, 1, &there, 1, 0);

		if (got <= 0)
			return -1;
		if (memchr(path + done, 0, got))
			return 0;
		done += got;
	}
	return -1;
}

/* Makes the call for the caller. 0, or an error as open_as_caller(). */
static int look(const struct call *c, int at, const char *name, int flags, union result *r)
{
	int failed;

	memset(r, 0, sizeof(*r));
	if (c->number == SYS_statx)
		failed = syscall(SYS_statx, at, name, flags, c->mask, &r->stx);
	else
		failed = syscall(SYS_newfstatat, at, name, &r->st, flags);
	return failed < 0 ? -errno : 0;
}

static int look_at_held(const struct call *c, union result *r)
{
	int flags = c->flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW), error;
	char held[64];

	if (c->directory == AT_FDCWD)
		snprintf(held, sizeof(held), "/proc/%d/cwd", c->thread);
	else if (c->directory < 0)
		return -EBADF;
	else
		snprintf(held, sizeof(held), "/proc/%d/fd/%d", c->thread, c->directory);
	error = look(c, AT_FDCWD, held, flags, r);
	return error == -ENOENT ? -EBADF : error;
}

static int look_at_path(const struct call *c, const char *path, union result *r)
{
	int fd = open_as_caller(c->thread, c->directory, path, !(c->flags & AT_SYMLINK_NOFOLLOW)), error;

	if (fd < 0)
		return fd;
	error = look(c, fd, "", (c->flags & ~AT_SYMLINK_NOFOLLOW) | AT_EMPTY_PATH, r);
	close(fd);
	return error;
}

static int make_call(const struct call *c, union result *r)
{
	char path[PATH_MAX] = "";

	if (c->flags & ~KNOWN_FLAGS)
		return KERNEL_KNOWS; /* that it fails */
	/* Without a path an empty one is meant, since Linux 6.11. */
	if ((c->path || !(c->flags & AT_EMPTY_PATH)) && read_path(c->thread, c->path, path) < 0)
		return KERNEL_KNOWS;
	if (*path)
		return look_at_path(c, path, r);
	return c->flags & AT_EMPTY_PATH ? look_at_held(c, r) : -ENOENT;
}

static size_t show(const struct call *c, union result *r)
{
	dev_t device, shown;

	if (c->number != SYS_statx) {
		r->st.st_ino = shown_inode(r->st.st_dev, r->st.st_ino);
		r->st.st_dev = shown_device(r->st.st_dev);
		return sizeof(r->st);
	}
	device = makedev(r->stx.stx_dev_major, r->stx.stx_dev_minor);
	shown = shown_device(device);
	if (r->stx.stx_mask & STATX_INO)
		r->stx.stx_ino = shown_inode(device, r->stx.stx_ino);
	r->stx.stx_dev_major = major(shown);
	r->stx.stx_dev_minor = minor(shown);
	return sizeof(r->stx);
}

void serve_identity(int listener, const struct seccomp_notif *report)
{
	struct call c = decode(report);
	union result r;
	int error = make_call(&c, &r);
	struct iovec here = { &r, 0 }, there = { (void *)c.buffer, 0 };

	if (error == KERNEL_KNOWS) {
		answer_report(listener, report->id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
		return;
	}
	if (error == 0) {
		here.iov_len = there.iov_len = show(&c, &r);
		/* Its thread may have been killed, and its number be another's. */
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &report->id) < 0)
			return;
		if (process_vm_writev(c.thread, &here, 1, &there, 1, 0) != (ssize_t)here.iov_len)
			error = -EFAULT;
	}
	answer_report(listener, report->id, -error, 0);
}
