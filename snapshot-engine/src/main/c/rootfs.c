#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wire.h"

#define TRY(step, call)            \
	do {                       \
		*what = (step);    \
		if ((call) < 0)    \
			return -1; \
	} while (0)

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

static char root[PATH_MAX];

static const char *in_root(const char *path)
{
	static char joined[PATH_MAX];

	if (snprintf(joined, sizeof(joined), "%s%s", root, path) >= (int)sizeof(joined))
		_exit(1); /* the engine keeps its state directory short */
	return joined;
}

/* Data directories may lie on a file system that is mounted noexec, as /dev/shm often is. What
 * functions execute must be executable all the same: their code, the bootstraps' libraries, and
 * snapshots, which are mapped as their memory (JIT compilers). */
static int is_executable(const char *target)
{
	return strncmp(target, "/rekindle/", strlen("/rekindle/")) == 0 || strcmp(target, "/var/task") == 0;
}

static int set_read_only(const char *path, int executable)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
		.attr_clr = executable ? MOUNT_ATTR_NOEXEC : 0,
	};

	return syscall(SYS_mount_setattr, AT_FDCWD, path, AT_RECURSIVE, &attr, sizeof(attr));
}

static int make_directories(const char *path)
{
	char partial[PATH_MAX];
	size_t n = strlen(path);

	if (n >= sizeof(partial)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(partial, path, n + 1);
	for (size_t i = strlen(root) + 1; i <= n; i++) {
		if (partial[i] != '/' && partial[i] != 0)
			continue;
		char c = partial[i];
		partial[i] = 0;
		if (mkdir(partial, 0755) < 0 && errno != EEXIST)
			return -1;
		partial[i] = c;
	}
	return 0;
}

static int touch(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	return fd < 0 ? -1 : close(fd);
}

int bind_into_root(const char *source, const char *target, int read_only, const char **what)
{
	char destination[PATH_MAX];
	struct stat st;

	*what = target;
	if (strlen(root) + strlen(target) >= sizeof(destination)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(destination, in_root(target));
	TRY(source, stat(source, &st));
	if (S_ISDIR(st.st_mode)) {
		TRY(target, make_directories(destination));
	} else {
		TRY(target, touch(destination));
	}
	TRY(target, mount(source, destination, NULL, MS_BIND | MS_REC, NULL));
	if (read_only)
		TRY(target, set_read_only(destination, is_executable(target)));
	return 0;
}

/* A directory of the host that all programs may need: bound, or the same symbolic link. */
static int bring_in(const char *path, const char **what)
{
	char link[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (lstat(path, &st) < 0)
		return 0;
	if (!S_ISLNK(st.st_mode))
		return bind_into_root(path, path, 1, what);
	n = readlink(path, link, sizeof(link) - 1);
	TRY(path, n);
	link[n] = 0;
	TRY(path, symlink(link, in_root(path)));
	return 0;
}

static int mount_tmpfs(const char *path, const char *options, unsigned long flags)
{
	const char *at = in_root(path);

	if (make_directories(at) < 0)
		return -1;
	return mount("tmpfs", at, "tmpfs", flags | MS_NOSUID | MS_NODEV, options);
}

static int write_file(const char *path, const char *text)
{
	int fd = open(in_root(path), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return -1;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
		close(fd);
		return -1;
	}
	return close(fd);
}

/* CRIU keeps what it learnt of the kernel in /run/criu.kdat and trusts it on tmpfs only; without it
 * every call probes again, which costs 10 to 17 ms. Absent until the engine's first probe. */
static int bring_kernel_facts(const char *state_directory)
{
	char path[PATH_MAX];
	struct stat st;
	int in, out, done;

	snprintf(path, sizeof(path), "%s/criu.kdat", state_directory);
	in = open(path, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return errno == ENOENT ? 0 : -1;
	out = open(in_root("/run/criu.kdat"), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);
	done = out >= 0 && fstat(in, &st) == 0 && sendfile(out, in, NULL, st.st_size) == st.st_size;
	close(in);
	if (out >= 0)
		close(out);
	return done ? 0 : -1;
}

static int build_dev(const char **what)
{
	static const char *const devices[] = {
		"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
	};

	TRY("/dev", mount_tmpfs("/dev", "mode=755,size=64k", MS_NOEXEC));
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
		if (access(devices[i], F_OK) == 0) {
			TRY(devices[i], touch(in_root(devices[i])));
			TRY(devices[i], mount(devices[i], in_root(devices[i]), NULL, MS_BIND, NULL));
		}
	}
	TRY("/dev/fd", symlink("/proc/self/fd", in_root("/dev/fd")));
	TRY("/dev/stdin", symlink("/proc/self/fd/0", in_root("/dev/stdin")));
	TRY("/dev/stdout", symlink("/proc/self/fd/1", in_root("/dev/stdout")));
	TRY("/dev/stderr", symlink("/proc/self/fd/2", in_root("/dev/stderr")));
	TRY("/dev/shm", mount_tmpfs("/dev/shm", "mode=1777", MS_NOEXEC));
	return 0;
}

/* The host's /etc, with users of our own: the host's names are nobody's business here. */
static int build_etc(const char **what)
{
	static const char *const own[][2] = {
		{ "/run/passwd", "root:x:0:0::/:/usr/sbin/nologin\nfunction:x:61100:61100::/tmp:/bin/sh\n" },
		{ "/run/group", "root:x:0:\nfunction:x:61100:\n" },
	};
	char source[PATH_MAX];

	if (bring_in("/etc", what) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		const char *target = i == 0 ? "/etc/passwd" : "/etc/group";
		TRY(own[i][0], write_file(own[i][0], own[i][1]));
		if (access(in_root(target), F_OK) < 0)
			continue;
		strcpy(source, in_root(own[i][0]));
		TRY(target, mount(source, in_root(target), NULL, MS_BIND, NULL));
	}
	return 0;
}

int build_root(const struct host *host, const char **what)
{
	static const char *const shared[] = {
		"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt",
	};

	snprintf(root, sizeof(root), "%s/root", host->state_directory);
	TRY("private mounts", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	TRY("root", mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m"));
	for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++)
		if (bring_in(shared[i], what) < 0)
			return -1;
	TRY("/run", mount_tmpfs("/run", "mode=755,size=4m", MS_NOEXEC));
	TRY("/run/rekindle", make_directories(in_root("/run/rekindle")));
	if (build_etc(what) < 0 || build_dev(what) < 0)
		return -1;
	TRY("/proc", make_directories(in_root("/proc")));
	TRY("/proc", mount("proc", in_root("/proc"), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
	TRY("/tmp", mount_tmpfs("/tmp", "mode=1777", 0));
	TRY("/var/tmp", make_directories(in_root("/var")));
	TRY("/var/tmp", symlink("/tmp", in_root("/var/tmp")));
	if (access("/sys/devices/system/cpu", F_OK) == 0 &&
	    bind_into_root("/sys/devices/system/cpu", "/sys/devices/system/cpu", 1, what) < 0)
		return -1;
	TRY("/rekindle", make_directories(in_root("/rekindle/private")));
	TRY("/rekindle", chmod(in_root("/rekindle/private"), 0700));
	TRY("criu.kdat", bring_kernel_facts(host->state_directory));
	return 0;
}

/* The size of /tmp and /dev/shm: their pages count as the function's memory. */
int limit_tmp(const char *bytes)
{
	char options[64];

	snprintf(options, sizeof(options), "mode=1777,size=%s", bytes);
	if (mount(NULL, in_root("/dev/shm"), NULL, MS_REMOUNT | MS_NOSUID | MS_NODEV | MS_NOEXEC, options) < 0)
		return -1;
	return mount(NULL, in_root("/tmp"), NULL, MS_REMOUNT | MS_NOSUID | MS_NODEV, options);
}

int enter_root(const char **what)
{
	TRY("enter root", chdir(root));
	TRY("pivot_root", syscall(SYS_pivot_root, ".", "."));
	TRY("leave old root", umount2(".", MNT_DETACH));
	TRY("chdir /", chdir("/"));
	TRY("seal root", mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL));
	return 0;
}

int raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result;

	if (fd < 0)
		return -1;
	result = ioctl(fd, SIOCSIFFLAGS, &request);
	close(fd);
	return result;
}
