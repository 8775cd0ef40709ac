#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adoption.h"
#include "identity.h"
#include "wire.h"

/* The function's first pid. CRIU restores exact pids, and its own processes take the first ones of
 * a new namespace: so functions begin well above them. */
#define FIRST_FUNCTION_PID 300

#define MAX_STRINGS 4096

const char *next_string(struct strings *s)
{
	const char *found = s->at;
	const char *nul;

	if (s->at >= s->end)
		return NULL;
	nul = memchr(s->at, 0, s->end - s->at);
	if (!nul)
		return NULL;
	s->at = nul + 1;
	return found;
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -1 : 0;
}

static int set_capabilities(uint64_t set, int inheritable)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++) {
		uint32_t bits = set >> (32 * i);
		data[i].effective = bits;
		data[i].permitted = bits;
		data[i].inheritable = inheritable ? bits : 0;
	}
	return syscall(SYS_capset, &header, data);
}

static uint64_t permitted_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };

	if (syscall(SYS_capget, &header, data) < 0)
		return 0;
	return (uint64_t)data[1].permitted << 32 | data[0].permitted;
}

int can_dump_as_root(void)
{
	return permitted_capabilities() >> CAP_SYS_RESOURCE & 1;
}

/* From here on the calling process is that user, without any privilege, for good. */
int drop_privileges(uid_t id)
{
	for (int cap = 0; cap <= 63; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EINVAL)
			return -1;
	if (setgroups(0, NULL) < 0 || setresgid(id, id, id) < 0 || setresuid(id, id, id) < 0 ||
	    set_capabilities(0, 0) < 0)
		return -1;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int place(int fd, int at)
{
	return fd == at ? fcntl(fd, F_SETFD, 0) : dup2(fd, at);
}

/* Init's own settings, and those that it inherited, are none of the function's: it would miss the end
 * of its children and writes to broken pipes. */
static void reset_signals(void)
{
	struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} standard = { 0 };
	sigset_t none;

	/* Not through signal(3): that one refuses the C library's own two. */
	for (int number = 1; number <= 64; number++)
		syscall(SYS_rt_sigaction, number, &standard, NULL, sizeof(standard.mask));
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void child_of_spawn(char **arguments, char **environment, const char *directory,
			   const int output[2], int readiness)
{
	int null = open("/dev/null", O_RDWR);

	/* Stay clear of the numbers to be taken: init's own descriptors all lie above 3. */
	if (null < 0 || setsid() < 0 || place(null, 0) < 0 || place(output[0], 1) < 0 ||
	    place(output[1], 2) < 0 || (readiness >= 0 && place(readiness, 3) < 0))
		return;
	syscall(SYS_close_range, readiness >= 0 ? 4 : 3, ~0U, 0);
	write_text("/proc/self/oom_score_adj", "1000");
	umask(022);
	reset_signals();
	if (chdir(directory) < 0 || drop_privileges(FUNCTION_ID) < 0 || refuse_calls() < 0)
		return;
	execve(arguments[0], arguments, environment);
}

/* Directives: "argument" A, "environment" NAME=VALUE, "directory" D. */
pid_t spawn_function(struct strings s, const int output[2], int readiness, const char **what)
{
	char **arguments = calloc(MAX_STRINGS + 1, sizeof(char *));
	char **environment = calloc(MAX_STRINGS + 1, sizeof(char *));
	const char *directory = "/", *key, *value;
	size_t n = 0, m = 0;
	char last_pid[16];
	pid_t pid;

	*what = "arguments";
	while ((key = next_string(&s)) && (value = next_string(&s))) {
		if (n >= MAX_STRINGS || m >= MAX_STRINGS) {
			errno = E2BIG;
			return -1;
		}
		if (strcmp(key, "argument") == 0)
			arguments[n++] = (char *)value;
		else if (strcmp(key, "environment") == 0)
			environment[m++] = (char *)value;
		else if (strcmp(key, "directory") == 0)
			directory = value;
	}
	if (n == 0) {
		errno = EINVAL;
		return -1;
	}
	*what = "ns_last_pid";
	snprintf(last_pid, sizeof(last_pid), "%d", FIRST_FUNCTION_PID - 1);
	if (write_text("/proc/sys/kernel/ns_last_pid", last_pid) < 0)
		return -1;
	*what = "sockets";
	if (readiness >= 0 && open_sockets() < 0)
		return -1;
	*what = "fork";
	pid = fork();
	if (pid == 0) {
		child_of_spawn(arguments, environment, directory, output, readiness);
		dprintf(2, "rekindle: cannot start %s: %s\n", arguments[0], strerror(errno));
		_exit(127);
	}
	free(arguments);
	free(environment);
	return pid;
}

/* Without CAP_SYS_RESOURCE root may not read another user's limits, which a dump needs. So the dump
 * then runs under the function's own ids and keeps root's capabilities as ambient ones. */
static int take_function_identity(void)
{
	uint64_t all = permitted_capabilities();

	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
	    setresgid(FUNCTION_ID, FUNCTION_ID, FUNCTION_ID) < 0 ||
	    setresuid(FUNCTION_ID, FUNCTION_ID, FUNCTION_ID) < 0 || set_capabilities(all, 1) < 0)
		return -1;
	for (int cap = 0; cap <= 63; cap++)
		if (all >> cap & 1)
			prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
	return 0;
}

union descriptor_message {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static int send_descriptor(int socket, int fd)
{
	union descriptor_message control = { 0 };
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control),
	};

	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
	return sendmsg(socket, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

static int receive_descriptor(int socket)
{
	union descriptor_message control = { 0 };
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1 && control.header.cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(int));
	return fd;
}

/* The child of start_criu(). Descriptors that `criu swrk` finds: 3 its request socket, 4 and 5 the
 * write ends of the sandbox's output pipes, which a restore hands to the function (inherit_fd). */
static void become_criu(int criu_fd, int identity, int socket, const int output[2],
			const struct origins *origins, int report)
{
	/* The machine's configuration of CRIU is not for us: one line that our CRIU does not know would end
	 * it without an answer, and others beat the request. */
	char *const arguments[] = { "criu", "--no-default-config", "swrk", "3", NULL };
	char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	int null, first, second, program, listener;

	/* Park everything high, then put it where it belongs. */
	socket = fcntl(socket, F_DUPFD, 500);
	first = fcntl(output[0], F_DUPFD, 500);
	second = fcntl(output[1], F_DUPFD, 500);
	report = fcntl(report, F_DUPFD, 500);
	program = fcntl(criu_fd, F_DUPFD_CLOEXEC, 500);
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 ||
	    dup2(socket, 3) < 0 || dup2(first, 4) < 0 || dup2(second, 5) < 0)
		return;
	if (identity == AS_FUNCTION && take_function_identity() < 0)
		return;
	if (takes_reports(identity)) {
		listener = install_adoption_filter(origins, keeps_identities());
		if (listener < 0 || send_descriptor(report, listener) < 0)
			return;
	}
	syscall(SYS_close_range, 6, program - 1, 0);
	syscall(SYS_close_range, program + 1, ~0U, 0);
	syscall(SYS_execveat, program, "", arguments, environment, 0x1000 /* AT_EMPTY_PATH */);
}

int takes_reports(int identity)
{
	return identity == AS_ROOT_MAPPED || identity == AS_ROOT_WATCHED;
}

/* Starts `criu swrk`. For a watched restore *listener then gets the adoption filter's reports. */
pid_t start_criu(int criu_fd, int identity, int socket, const int output[2],
		 const struct origins *origins, int *listener)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		become_criu(criu_fd, identity, socket, output, origins, pair[1]);
		_exit(126);
	}
	close(pair[1]);
	if (pid > 0 && takes_reports(identity)) {
		*listener = receive_descriptor(pair[0]);
		if (*listener < 0) {
			errno = EOPNOTSUPP; /* a kernel before 5.19 */
			pid = -1;
		}
	}
	close(pair[0]);
	return pid;
}
