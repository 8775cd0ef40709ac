/* What programs do to memory that they got before they were frozen: each case prepares its memory at
 * the start and, when asked to by name on function.sock, tests what Linux promises of it. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define P 4096
#define MIB (1 << 20)
#define CHECK(condition)                                                             \
	do {                                                                         \
		if (!(condition)) {                                                  \
			snprintf(reply, sizeof(reply), "%s:%d: %s (errno %d)", __func__, \
				 __LINE__, #condition, errno);                       \
			return;                                                      \
		}                                                                    \
	} while (0)

static char reply[512];

static uint8_t *filled(size_t bytes, uint8_t with)
{
	uint8_t *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(at, with, bytes);
	return at;
}

static int all(const uint8_t *at, size_t bytes, uint8_t value)
{
	for (size_t i = 0; i < bytes; i++)
		if (at[i] != value)
			return 0;
	return 1;
}

/* Areas of their own, so that cases do not disturb each other. */
static uint8_t *area[32];
static void *kept_break;
static uint8_t *of_file;
static int file_of;

static void prepare(void)
{
	for (int i = 0; i < 32; i++) {
		/* A page between areas keeps the kernel from joining them. */
		area[i] = filled(2 * MIB, i + 1);
		mmap(NULL, 32 * P, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	kept_break = sbrk(0);
	sbrk(2 * MIB);
	memset(kept_break, 0x5a, 2 * MIB);
	file_of = open("/var/task/file", O_RDONLY);
	of_file = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE, file_of, 0);
	memset(of_file + 64 * P, 0xee, 64 * P);
	memset(of_file + 130 * P, 0xee, P);
}

static void content(void)
{
	for (int i = 0; i < 32; i++)
		CHECK(all(area[i], 2 * MIB, i + 1));
	CHECK(all(kept_break, 2 * MIB, 0x5a));
	CHECK(all(of_file, 64 * P, 'f') && all(of_file + 64 * P, 64 * P, 0xee));
	CHECK(all(of_file + 128 * P, 2 * P, 'f') && all(of_file + 130 * P, P, 0xee));
	CHECK(all(of_file + 131 * P, 125 * P, 'f'));
}

static void dontneed(void)
{
	uint8_t *a = area[0];

	a[10 * P] = 99;
	CHECK(madvise(a + 4 * P, 100 * P, MADV_DONTNEED) == 0);
	CHECK(all(a, 4 * P, 1) && all(a + 4 * P, 100 * P, 0) && all(a + 104 * P, 2 * MIB - 104 * P, 1));
	memset(a, 7, 2 * MIB);
	CHECK(madvise(a, 2 * MIB, MADV_DONTNEED) == 0 && all(a, 2 * MIB, 0));
	memset(a, 8, 2 * MIB);
	CHECK(madvise(a + 1, P, MADV_DONTNEED) < 0 && errno == EINVAL && all(a, 2 * MIB, 8));
}

static void dontneed_untouched(void)
{
	CHECK(madvise(area[1], 2 * MIB, MADV_DONTNEED) == 0 && all(area[1], 2 * MIB, 0));
}

static void dontneed_locked(void)
{
	CHECK(madvise(area[2], MIB, 24) == 0 && all(area[2], MIB, 0) && all(area[2] + MIB, MIB, 3));
}

static void locked_memory(void)
{
	uint8_t *a = area[3];

	CHECK(mlock(a, 4 * P) == 0);
	CHECK(madvise(a, 4 * P, MADV_DONTNEED) < 0 && errno == EINVAL);
	CHECK(all(a, 2 * MIB, 4));
	CHECK(munlock(a, 4 * P) == 0);
	CHECK(madvise(a, 4 * P, MADV_DONTNEED) == 0 && all(a, 4 * P, 0) && all(a + 4 * P, P, 4));
}

static void free_lazily(void)
{
	uint8_t *a = area[4];

	CHECK(madvise(a, MIB, MADV_FREE) == 0);
	for (int i = 0; i < MIB / P; i++)
		CHECK(all(a + i * P, P, 5) || all(a + i * P, P, 0));
	CHECK(all(a + MIB, MIB, 5));
	memset(a, 9, MIB);
	CHECK(all(a, MIB, 9));
}

static void holes(void)
{
	/* Across an area, a hole, and another: what is there is discarded, and ENOMEM tells of the rest. */
	uint8_t *a = area[5];

	CHECK(munmap(a + 16 * P, 16 * P) == 0);
	CHECK(madvise(a + 8 * P, 32 * P, MADV_DONTNEED) < 0 && errno == ENOMEM);
	CHECK(all(a, 8 * P, 6) && all(a + 8 * P, 8 * P, 0) && all(a + 32 * P, 8 * P, 0) && all(a + 40 * P, P, 6));
}

static void fresh_neighbour(void)
{
	uint8_t *a = area[6];

	CHECK(mmap(a + MIB, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == a + MIB);
	CHECK(all(a + MIB, MIB, 0));
	memset(a + MIB, 1, MIB);
	CHECK(madvise(a + MIB - 4 * P, 8 * P, MADV_DONTNEED) == 0);
	CHECK(all(a, MIB - 4 * P, 7) && all(a + MIB - 4 * P, 8 * P, 0) && all(a + MIB + 4 * P, MIB - 4 * P, 1));
}

static void mremap_grows(void)
{
	uint8_t *a = mremap(area[7], 2 * MIB, 8 * MIB, MREMAP_MAYMOVE);

	CHECK(a != MAP_FAILED && all(a, 2 * MIB, 8) && all(a + 2 * MIB, 6 * MIB, 0));
	memset(a, 3, 8 * MIB);
	a = mremap(a, 8 * MIB, 16 * MIB, MREMAP_MAYMOVE);
	CHECK(a != MAP_FAILED && all(a, 8 * MIB, 3) && all(a + 8 * MIB, 8 * MIB, 0));
}

static void mremap_shrinks_and_grows(void)
{
	uint8_t *a = mremap(area[8], 2 * MIB, MIB, 0);

	CHECK(a == area[8] && all(a, MIB, 9));
	a = mremap(a, MIB, 2 * MIB, MREMAP_MAYMOVE);
	CHECK(a != MAP_FAILED && all(a, MIB, 9) && all(a + MIB, MIB, 0));
}

static void mremap_part(void)
{
	/* Growing a part of an area moves it away from what followed it. */
	uint8_t *a = area[9];
	uint8_t *b = mremap(a, 16 * P, 64 * P, MREMAP_MAYMOVE);

	CHECK(b != MAP_FAILED && all(b, 16 * P, 10) && all(b + 16 * P, 48 * P, 0));
	CHECK(all(a + 16 * P, 2 * MIB - 16 * P, 10));
}

static void mremap_moves(void)
{
	uint8_t *to = mmap(NULL, 2 * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(mremap(area[10], 2 * MIB, 2 * MIB, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	CHECK(all(to, 2 * MIB, 11));
	CHECK(madvise(to, MIB, MADV_DONTNEED) == 0 && all(to, MIB, 0) && all(to + MIB, MIB, 11));
}

static void mremap_leaves_behind(void)
{
	uint8_t *b = mremap(area[11], 2 * MIB, 2 * MIB, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);

	CHECK(b != MAP_FAILED && all(b, 2 * MIB, 12) && all(area[11], 2 * MIB, 0));
}

static void forks(void)
{
	uint8_t *a = area[12];
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		int good = all(a, 2 * MIB, 13);
		a[0] = 1;
		good &= madvise(a + P, MIB, MADV_DONTNEED) == 0 && all(a + P, MIB, 0) && a[0] == 1;
		good &= all(a + P + MIB, MIB - P, 13);
		_exit(!good);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(all(a, 2 * MIB, 13));
	memset(a, 1, MIB);
	CHECK(all(a, MIB, 1) && all(a + MIB, MIB, 13));
}

static void wipes_on_fork(void)
{
	uint8_t *a = area[13];
	int status = -1;
	pid_t child;

	CHECK(madvise(a, MIB, MADV_WIPEONFORK) == 0 && all(a, 2 * MIB, 14));
	child = fork();
	if (child == 0)
		_exit(!(all(a, MIB, 0) && all(a + MIB, MIB, 14)));
	CHECK(waitpid(child, &status, 0) == child && status == 0 && all(a, 2 * MIB, 14));
}

static void guards(void)
{
	uint8_t *a = area[14];

	if (madvise(a, 4 * P, 102) < 0) { /* MADV_GUARD_INSTALL: Linux 6.13 */
		CHECK(errno == EINVAL && all(a, 2 * MIB, 15));
		return;
	}
	CHECK(madvise(a, 4 * P, 103) == 0);
	CHECK(all(a, 4 * P, 0) && all(a + 4 * P, 2 * MIB - 4 * P, 15));
}

static void protections(void)
{
	uint8_t *a = area[15];

	CHECK(mprotect(a, MIB, PROT_NONE) == 0);
	CHECK(madvise(a, 16 * P, MADV_DONTNEED) == 0);
	CHECK(mprotect(a, MIB, PROT_READ) == 0 && all(a, 16 * P, 0) && all(a + 16 * P, MIB - 16 * P, 16));
	CHECK(mprotect(a, MIB, PROT_READ | PROT_EXEC) == 0 && all(a + 16 * P, MIB - 16 * P, 16));
	CHECK(mprotect(a, MIB, PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
	memcpy(a, "\xb8\x2a\x00\x00\x00\xc3", 6); /* mov eax, 42; ret */
	CHECK(((int (*)(void))a)() == 42);
	CHECK(mprotect(a, 2 * MIB, PROT_READ) == 0);
	CHECK(madvise(a, 2 * MIB, MADV_DONTNEED) == 0 && all(a, 2 * MIB, 0));
}

static void mremap_of_two(void)
{
	/* Growing memory of which a part became read-only and back. */
	uint8_t *a = area[16];

	CHECK(mprotect(a + MIB, MIB, PROT_READ) == 0 && mprotect(a + MIB, MIB, PROT_READ | PROT_WRITE) == 0);
	a = mremap(a, 2 * MIB, 4 * MIB, MREMAP_MAYMOVE);
	CHECK(a != MAP_FAILED && all(a, 2 * MIB, 17) && all(a + 2 * MIB, 2 * MIB, 0));
}

static void break_moves(void)
{
	CHECK(sbrk(0) == (char *)kept_break + 2 * MIB);
	CHECK(sbrk(-MIB) != (void *)-1 && all(kept_break, MIB, 0x5a));
	CHECK(sbrk(3 * MIB) == (char *)kept_break + MIB);
	CHECK(all(kept_break, MIB, 0x5a) && all((uint8_t *)kept_break + MIB, 3 * MIB, 0));
	CHECK(madvise((void *)(((uintptr_t)kept_break + P) & -(uintptr_t)P), 16 * P, MADV_DONTNEED) == 0);
	CHECK(all((void *)(((uintptr_t)kept_break + P) & -(uintptr_t)P), 16 * P, 0));
}

static void file_memory(void)
{
	/* Discarding private changes of a file's memory shows the file again. */
	CHECK(madvise(of_file + 32 * P, 64 * P, MADV_DONTNEED) == 0);
	CHECK(all(of_file, 96 * P, 'f') && all(of_file + 96 * P, 32 * P, 0xee));
	of_file[100 * P] = 1;
	CHECK(madvise(of_file, MIB, MADV_DONTNEED) == 0 && all(of_file, MIB, 'f'));
}

static void by_process_madvise(void)
{
	struct iovec iov = { area[17], MIB };
	int self = syscall(SYS_pidfd_open, getpid(), 0);
	long done = syscall(SYS_process_madvise, self, &iov, 1, MADV_DONTNEED, 0);

	CHECK(done == MIB ? all(area[17], MIB, 0) : done < 0 && all(area[17], MIB, 18));
	CHECK(all(area[17] + MIB, MIB, 18));
	close(self);
}

static void removes(void)
{
	CHECK(madvise(area[18], MIB, MADV_REMOVE) < 0 && errno == EINVAL && all(area[18], 2 * MIB, 19));
}

static void harmless_advice(void)
{
	static const int advice[] = { MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTDUMP,
				      MADV_DODUMP, MADV_DONTFORK, MADV_DOFORK, MADV_COLD, MADV_PAGEOUT, 22, 23 };

	area[19][5] = 1;
	for (size_t i = 0; i < sizeof(advice) / sizeof(*advice); i++)
		CHECK(madvise(area[19], 2 * MIB, advice[i]) == 0);
	CHECK(area[19][5] == 1 && all(area[19] + 6, 2 * MIB - 6, 20));
}

/* Threads that write while another discards and grows next to them. */
static volatile int stop_threads;
static volatile unsigned long torn;

static void *writer(void *of)
{
	uint8_t *a = of;

	for (uint8_t round = 1; !stop_threads; round = round == 255 ? 1 : round + 1) {
		memset(a, round, 64 * P);
		if (!all(a, 64 * P, round))
			torn++;
	}
	return NULL;
}

static void *pass_by(void *argument)
{
	return argument;
}

static void threads(void)
{
	pthread_t thread[4];
	uint8_t *a = area[20], *grown;

	for (int i = 0; i < 4; i++)
		CHECK(pthread_create(&thread[i], NULL, writer, a + i * 64 * P) == 0);
	for (int i = 0; i < 20; i++)
		CHECK(madvise(a + (256 + i) * P, P, MADV_DONTNEED) == 0 && all(a + (256 + i) * P, P, 0));
	/* Growth in place, or not at all: the threads hold addresses in it. */
	munmap(a + 2 * MIB, 32 * P);
	grown = mremap(a, 2 * MIB, 2 * MIB + 16 * P, 0);
	CHECK(grown == MAP_FAILED || (grown == a && all(a + 2 * MIB, 16 * P, 0)));
	for (int i = 0; i < 200; i++) {
		pthread_t passing;
		CHECK(pthread_create(&passing, NULL, pass_by, NULL) == 0);
		CHECK(madvise(area[21] + i * P, P, MADV_DONTNEED) == 0 && all(area[21] + i * P, P, 0));
		pthread_join(passing, NULL);
	}
	stop_threads = 1;
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	CHECK(torn == 0 && all(a + 276 * P, 2 * MIB - 276 * P, 21));
	CHECK(all(area[21], 200 * P, 0) && all(area[21] + 200 * P, P, 22));
}

static volatile int alarms;

static void count_alarm(int signal)
{
	(void)signal;
	alarms++;
}

static void signals(void)
{
	/* Calls under a rain of signals still succeed: with handlers that restart calls. */
	struct sigaction action = { .sa_handler = count_alarm, .sa_flags = SA_RESTART };
	struct itimerval often = { { 0, 200 }, { 0, 200 } }, never = { { 0, 0 }, { 0, 0 } };
	uint8_t *a = area[22];

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < 512; i++)
		CHECK(madvise(a + i * P, P, MADV_DONTNEED) == 0 && all(a + i * P, P, 0));
	while (alarms < 10)
		;
	setitimer(ITIMER_REAL, &never, NULL);
}

/* glibc grows large blocks with mremap and expects fresh zeros from the kernel in calloc. */
static void *large[16];

static void allocator(void)
{
	unsigned seed = 7;

	for (int round = 0; round < 400; round++) {
		int i = rand_r(&seed) % 16;
		size_t bytes = 4 * P + rand_r(&seed) % (4 * MIB);

		if (round % 3 == 0) {
			free(large[i]);
			large[i] = calloc(1, bytes);
			CHECK(large[i] && all(large[i], bytes, 0));
		} else {
			large[i] = realloc(large[i], bytes);
			CHECK(large[i]);
		}
		memset(large[i], i + 1, bytes);
	}
}

static void prepare_allocator(void)
{
	for (int i = 0; i < 16; i++)
		memset(large[i] = malloc(MIB + i * 100000), i + 1, MIB);
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
#define CASE(name) { #name, name }
	CASE(content), CASE(dontneed), CASE(dontneed_untouched), CASE(dontneed_locked), CASE(locked_memory),
	CASE(free_lazily), CASE(holes), CASE(fresh_neighbour), CASE(mremap_grows), CASE(mremap_shrinks_and_grows),
	CASE(mremap_part), CASE(mremap_moves), CASE(mremap_leaves_behind), CASE(forks), CASE(wipes_on_fork),
	CASE(guards), CASE(protections), CASE(mremap_of_two), CASE(break_moves), CASE(file_memory),
	CASE(by_process_madvise), CASE(removes), CASE(harmless_advice), CASE(threads), CASE(signals),
	CASE(allocator),
};

static void serve(int connection)
{
	char line[64] = "";
	ssize_t n = read(connection, line, sizeof(line) - 1);

	if (n > 0)
		line[strcspn(line, "\n")] = 0;
	strcpy(reply, "no such case");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (strcmp(cases[i].name, line) == 0) {
			strcpy(reply, "ok");
			cases[i].run();
		}
	}
	if (write(connection, reply, strlen(reply)) < 0)
		_exit(3);
	close(connection);
}

int main(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/rekindle/function.sock" };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	prepare_allocator();
	prepare();
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(listener, 16) < 0 ||
	    write(3, "ok", 2) != 2)
		return 1;
	close(3);
	for (;;)
		serve(accept(listener, NULL, NULL));
}
