#include "reports.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "adoption.h"
#include "identity.h"
#include "wire.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

/* While CRIU is at work its calls are reported too, and must be answered at once. The function's
 * threads that run already wait until all is as it was: to help one we may have to stop it, which
 * waits for CRIU to let go of it. */
static struct {
	int restored;
	int listener;
	struct seccomp_notif *reports;
	size_t count;
} waiting;

int answer_report(int listener, uint64_t id, int error, uint32_t flags)
{
	struct seccomp_notif_resp response = { .id = id, .error = -error, .flags = flags };

	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

/* Whether a thread is the function's already and not CRIU's still. */
static int is_function(pid_t thread)
{
	char path[64], line[128];
	unsigned int user = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", thread);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Uid: %*u %u", &user) == 1)
			break;
	if (f)
		fclose(f);
	return user == FUNCTION_ID;
}

static void keep_waiting(int listener, const struct seccomp_notif *report)
{
	struct seccomp_notif *grown = realloc(waiting.reports, (waiting.count + 1) * sizeof(*report));

	if (!grown) {
		answer_report(listener, report->id, ENOMEM, 0);
		return;
	}
	waiting.listener = listener;
	waiting.reports = grown;
	waiting.reports[waiting.count++] = *report;
}

static void serve(int listener, const struct seccomp_notif *report, const struct origins *origins)
{
	if (!tells_identity(report->data.nr))
		adopt_memory(listener, report, origins);
	else if (waiting.restored)
		serve_identity(listener, report);
	else
		answer_report(listener, report->id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

int serve_report(int listener, const struct origins *origins)
{
	static union {
		struct seccomp_notif report;
		uint8_t room[512]; /* the kernel's structure may be longer than that of our headers */
	} u;

	memset(&u, 0, sizeof(u));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &u) < 0)
		return errno == EINTR || errno == ENOENT ? 0 : -1;
	if (!waiting.restored && identities_are_loaded() && is_function(u.report.pid))
		keep_waiting(listener, &u.report);
	else
		serve(listener, &u.report, origins);
	return 0;
}

int release_waiting(pid_t thread)
{
	for (size_t i = 0; i < waiting.count; i++) {
		if ((pid_t)waiting.reports[i].pid == thread) {
			answer_report(waiting.listener, waiting.reports[i].id, 0, 0);
			waiting.reports[i] = waiting.reports[--waiting.count];
			return 1;
		}
	}
	return 0;
}

void function_is_restored(int listener, const struct origins *origins)
{
	uint64_t flags = SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP;

	/* Caller and init take turns, so they are quicker on one core; kernels before 6.6 refuse. */
	if (identities_are_loaded())
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags);
	waiting.restored = 1;
	set_locks();
	/* Adoption may stop all threads of a process, so none may be waiting for us any more. */
	for (int adoptions = 0; adoptions < 2; adoptions++)
		for (size_t i = 0; i < waiting.count; i++)
			if (tells_identity(waiting.reports[i].data.nr) != adoptions)
				serve(listener, &waiting.reports[i], origins);
	free(waiting.reports);
	waiting.reports = NULL;
	waiting.count = 0;
}
