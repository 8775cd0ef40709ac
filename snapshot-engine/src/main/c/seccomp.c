#include "init.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "name this architecture's AUDIT_ARCH"
#endif

/* Calls of the x32 ABI carry this bit; other architectures have no numbers as high. */
#define X32_BIT 0x40000000

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define FAIL(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define REFUSE(call, error) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), FAIL(error)
#define REFUSE_NEW_USERS(call)                                    \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 4),    \
	LOAD(args[0]),                                            \
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWUSER, 0, 1), \
	FAIL(EPERM),                                              \
	ALLOW

/* Every path through it ends. */
#define REFUSE_MULTIPATH                                              \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 4),        \
	LOAD(args[2]),                                                \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_MPTCP, 0, 1),     \
	FAIL(EPROTONOSUPPORT),                                        \
	ALLOW

/* Only what a sandbox cannot hold back otherwise:
 * - io_uring cannot be dumped: programs that would use it are told that the kernel has none.
 * - Keyrings belong to a user, and all functions are the same user on the host.
 * - The kernel's log is the host's.
 * - In a user namespace of its own a function would have all capabilities, and could not be dumped.
 *   The flags of clone3 are out of a filter's sight; the C libraries fall back to clone.
 * - Multipath TCP cannot be dumped, and Go's servers use it where there is any; they fall back to TCP.
 * Other ABIs (32-bit programs) would get around the numbers below. */
int refuse_calls(void)
{
	struct sock_filter code[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0),
		FAIL(ENOSYS),
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, X32_BIT, 0, 1),
		FAIL(ENOSYS),
		REFUSE(io_uring_setup, ENOSYS),
		REFUSE(io_uring_enter, ENOSYS),
		REFUSE(io_uring_register, ENOSYS),
		REFUSE(add_key, ENOSYS),
		REFUSE(request_key, ENOSYS),
		REFUSE(keyctl, ENOSYS),
		REFUSE(syslog, EPERM),
		REFUSE(clone3, ENOSYS),
		REFUSE_MULTIPATH,
		REFUSE_NEW_USERS(unshare),
		REFUSE_NEW_USERS(clone),
		ALLOW,
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
