#include "remote.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef PTRACE_EVENT_STOP
#define PTRACE_EVENT_STOP 128
#endif
#ifndef PTRACE_GETSIGMASK
#define PTRACE_GETSIGMASK 0x420a
#define PTRACE_SETSIGMASK 0x420b
#endif
#define SUSPEND_SECCOMP (1 << 21)

/* The kernel's own results of interrupted calls; 513 and 514 lie between (include/linux/errno.h). */
#define ERESTARTSYS 512
#define ERESTART_RESTARTBLOCK 516

/* A stopped thread holds up its program, so a stop is awaited in short steps, for this long. */
#define STEP_NS 20000
#define MAX_STEPS 100000

/* At each SIGCHLD a thread that CRIU still holds may become free. */
#define SEIZE_STEPS 50000

void (*on_ended)(pid_t pid, int status);

static void pause_step(void)
{
	struct timespec t = { 0, STEP_NS };

	nanosleep(&t, NULL);
}

int seize(pid_t thread)
{
	long options = PTRACE_O_TRACESYSGOOD | SUSPEND_SECCOMP;

	for (int step = 0; ptrace(PTRACE_SEIZE, thread, 0, options) < 0; step++) {
		/* CRIU lets go of its threads one after the other. */
		if (errno != EPERM || step == SEIZE_STEPS)
			return -1;
		pause_step();
	}
	return ptrace(PTRACE_INTERRUPT, thread, 0, 0);
}

/* The status of the next stop; -1 if the thread is gone or does not stop in time. */
static int await_stop(pid_t thread)
{
	int status;

	for (int step = 0; step < MAX_STEPS; step++) {
		pid_t found = waitpid(thread, &status, __WALL | WNOHANG);
		if (found < 0 && errno != EINTR)
			return -1;
		if (found == thread) {
			if (WIFSTOPPED(status))
				return status;
			on_ended(thread, status);
			return -1;
		}
		pause_step();
	}
	return -1;
}

/* Waits for the stop that PTRACE_INTERRUPT asked for; signals that come first are passed on. */
static int await_interrupt(pid_t thread)
{
	int status;

	while ((status = await_stop(thread)) >= 0) {
		if (status >> 16 == PTRACE_EVENT_STOP)
			return 0;
		if (ptrace(PTRACE_CONT, thread, 0, WSTOPSIG(status)) < 0)
			return -1;
	}
	return -1;
}

#ifdef __x86_64__
struct stop {
	struct user_regs_struct registers;
	uint64_t signals;
	uint64_t instruction; /* the address of a "syscall" */
};

static struct stop held;

int begin_remote(struct remote *remote, pid_t thread)
{
	uint64_t all = ~0ull;
	long instruction;

	memset(remote, 0, offsetof(struct remote, stopped));
	remote->stopped_count = 0;
	remote->thread = thread;
	remote->stop = &held;
	if (await_interrupt(thread) < 0 || ptrace(PTRACE_GETREGS, thread, 0, &held.registers) < 0 ||
	    ptrace(PTRACE_GETSIGMASK, thread, 8, &held.signals) < 0)
		return -1;
	errno = 0;
	instruction = ptrace(PTRACE_PEEKTEXT, thread, held.registers.rip - 2, 0);
	if (errno || (instruction & 0xffff) != 0x050f) /* syscall */
		return -1;
	held.instruction = held.registers.rip - 2;
	return ptrace(PTRACE_SETSIGMASK, thread, 8, &all);
}

/* The address of a "syscall" in the vDSO, which every program has; 0 if there is none. */
static uint64_t find_instruction(pid_t thread)
{
	static uint8_t code[1 << 16];
	char path[64], *line = NULL;
	uint64_t start = 0, end = 0;
	size_t capacity = 0;
	uint8_t *found = NULL;
	ssize_t n;
	FILE *f;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/maps", thread);
	f = fopen(path, "re");
	while (f && getline(&line, &capacity, f) > 0)
		if (strstr(line, "[vdso]"))
			sscanf(line, "%lx-%lx", &start, &end);
	free(line);
	if (f)
		fclose(f);
	snprintf(path, sizeof(path), "/proc/%d/mem", thread);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = end - start < sizeof(code) ? end - start : sizeof(code);
	n = pread(fd, code, n, start);
	if (n > 0)
		found = memmem(code, n, "\x0f\x05", 2);
	close(fd);
	return found ? start + (found - code) : 0;
}

int begin_remote_anywhere(struct remote *remote, pid_t thread)
{
	uint64_t all = ~0ull;

	memset(remote, 0, offsetof(struct remote, stopped));
	remote->stopped_count = 0;
	remote->thread = thread;
	remote->stop = &held;
	if (await_interrupt(thread) < 0 || ptrace(PTRACE_GETREGS, thread, 0, &held.registers) < 0 ||
	    ptrace(PTRACE_GETSIGMASK, thread, 8, &held.signals) < 0)
		return -1;
	held.instruction = find_instruction(thread);
	if (!held.instruction) {
		ptrace(PTRACE_DETACH, thread, 0, 0);
		return -1;
	}
	return ptrace(PTRACE_SETSIGMASK, thread, 8, &all);
}

/* The kernel would make an interrupted call anew at the end of a stop; other calls have been made
 * since, so it is done here, by the kernel's rules (arch/x86/kernel/signal.c). */
void end_remote_anywhere(struct remote *remote, int anew)
{
	struct user_regs_struct r = remote->stop->registers;

	if (anew) {
		r.rip -= 2;
		r.rax = r.orig_rax;
	} else if ((long)r.orig_rax >= 0 && (long)r.rax <= -ERESTARTSYS && (long)r.rax >= -ERESTART_RESTARTBLOCK) {
		r.rip -= 2;
		r.rax = (long)r.rax == -ERESTART_RESTARTBLOCK ? SYS_restart_syscall : r.orig_rax;
	}
	r.orig_rax = -1;
	ptrace(PTRACE_SETREGS, remote->thread, 0, &r);
	ptrace(PTRACE_SETSIGMASK, remote->thread, 8, &remote->stop->signals);
	ptrace(PTRACE_DETACH, remote->thread, 0, 0);
}

/* Runs to the next entry or end of a system call. */
static int run_to_boundary(pid_t thread)
{
	int status;

	do {
		if (ptrace(PTRACE_SYSCALL, thread, 0, 0) < 0)
			return -1;
		status = await_stop(thread);
		if (status < 0)
			return -1;
	} while (WSTOPSIG(status) != (SIGTRAP | 0x80));
	return 0;
}

long remote_call(struct remote *remote, long number, const uint64_t a[6])
{
	struct user_regs_struct r = remote->stop->registers;

	r.rip = remote->stop->instruction;
	r.rax = number;
	r.orig_rax = -1;
	r.rdi = a[0];
	r.rsi = a[1];
	r.rdx = a[2];
	r.r10 = a[3];
	r.r8 = a[4];
	r.r9 = a[5];
	if (ptrace(PTRACE_SETREGS, remote->thread, 0, &r) < 0 || run_to_boundary(remote->thread) < 0 ||
	    run_to_boundary(remote->thread) < 0 || ptrace(PTRACE_GETREGS, remote->thread, 0, &r) < 0)
		return -ESRCH;
	return r.rax;
}

static void let_go(struct remote *remote, long result)
{
	struct user_regs_struct r = remote->stop->registers;

	if (result == MAKE_CALL_ANEW) {
		r.rip -= 2;
		r.rax = r.orig_rax;
	} else {
		r.rax = result;
	}
	r.orig_rax = -1;
	ptrace(PTRACE_SETREGS, remote->thread, 0, &r);
	ptrace(PTRACE_SETSIGMASK, remote->thread, 8, &remote->stop->signals);
	ptrace(PTRACE_DETACH, remote->thread, 0, 0);
}
#else
#error "mapped restores know the registers of x86-64 only"
#endif

static int is_stopped(const struct remote *remote, pid_t thread)
{
	for (int i = 0; i < remote->stopped_count; i++)
		if (remote->stopped[i] == thread)
			return 1;
	return thread == remote->thread;
}

/* One pass over the threads: how many were new, or -1. */
static int stop_new(struct remote *remote, const char *tasks)
{
	DIR *directory = opendir(tasks);
	struct dirent *entry;
	int found = 0;

	if (!directory)
		return -1;
	while (found >= 0 && (entry = readdir(directory))) {
		pid_t thread = atoi(entry->d_name);

		if (!isdigit(entry->d_name[0]) || is_stopped(remote, thread))
			continue;
		if (remote->stopped_count == MAX_STOPPED) {
			found = -1;
		} else if (seize(thread) < 0) {
			found = errno == ESRCH ? found : -1;
		} else {
			remote->stopped[remote->stopped_count++] = thread;
			found++;
		}
	}
	closedir(directory);
	return found;
}

int stop_others(struct remote *remote, pid_t process)
{
	char tasks[64];
	int found, awaited = 0;

	snprintf(tasks, sizeof(tasks), "/proc/%d/task", process);
	while ((found = stop_new(remote, tasks)) > 0)
		for (; awaited < remote->stopped_count; awaited++)
			if (await_interrupt(remote->stopped[awaited]) < 0 &&
			    kill(remote->stopped[awaited], 0) == 0)
				return -1;
	return found;
}

void end_remote(struct remote *remote, long result)
{
	for (int i = 0; i < remote->stopped_count; i++)
		ptrace(PTRACE_DETACH, remote->stopped[i], 0, 0);
	let_go(remote, result);
}
