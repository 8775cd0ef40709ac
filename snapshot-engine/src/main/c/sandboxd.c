/* rekindle-sandboxd: makes sandboxes.
 *
 * One process for an engine. It listens on a unix socket; each connection becomes one sandbox: a
 * child in fresh pid, mount, ipc, uts and network namespaces, whose pid 1 (init.c) serves that
 * connection. Lifetimes are tied by the kernel: a sandbox dies when its connection closes (the
 * engine let go or was killed) and when this process dies; this process ends when its standard
 * input closes. So a killed engine leaves no process, namespace or mount behind.
 *
 * usage: rekindle-sandboxd SOCKET CRIU STATE-DIRECTORY
 */
#include "init.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <linux/sched.h>
#include <unistd.h>

static void fail(const char *what)
{
	fprintf(stderr, "rekindle-sandboxd: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("socket");
	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		fail(path);
	}
	strcpy(address.sun_path, path);
	unlink(path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 1024) < 0)
		fail(path);
	return fd;
}

/* Forks a sandbox for one connection. The child never returns. */
static void fork_sandbox(int connection, const struct host *host)
{
	struct clone_args args = {
		.flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET,
		.exit_signal = SIGCHLD,
	};
	int gate[2];
	uint8_t host_pid[4];
	pid_t pid;

	if (pipe2(gate, O_CLOEXEC) < 0)
		return;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		close(gate[1]);
		/* The child cannot see its own pid outside; without it the parent is gone. */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || read_exactly(gate[0], host_pid, 4) < 0)
			_exit(1);
		close(gate[0]);
		run_init(connection, get_u32(host_pid), host);
		_exit(0);
	}
	close(gate[0]);
	if (pid < 0) {
		/* The engine reads this as the reason why its connection closed. */
		const char *why = strerror(errno);
		uint8_t code[4];
		put_u32(code, errno);
		send_frame(connection, EV_REPLY, 0, code, 4, why, strlen(why));
	} else {
		put_u32(host_pid, pid);
		if (write(gate[1], host_pid, 4) != 4)
			kill(pid, SIGKILL);
	}
	close(gate[1]);
}

int main(int argc, char **argv)
{
	struct host host;
	struct pollfd polled[2];
	int listener;

	if (argc != 4) {
		fprintf(stderr, "usage: rekindle-sandboxd SOCKET CRIU STATE-DIRECTORY\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* a terminal's ^C is for the engine, which then closes our input */
	signal(SIGCHLD, SIG_IGN); /* sandboxes are reaped by the kernel */
	umask(022);
	host.criu = argv[2];
	host.state_directory = argv[3];
	listener = listen_at(argv[1]);
	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		fail("standard output");
	polled[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	polled[1] = (struct pollfd){ .fd = listener, .events = POLLIN };
	for (;;) {
		if (poll(polled, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			fail("poll");
		}
		if (polled[0].revents)
			return 0;
		if (polled[1].revents) {
			int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
			if (connection < 0)
				continue;
			fork_sandbox(connection, &host);
			close(connection);
		}
	}
}
