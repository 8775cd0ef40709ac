/* A program whose memory is easy to check. It fills an area with known pages, says that it is ready,
 * and then runs one named trial for each connection to its socket, answering "ok" or what is wrong.
 *
 * usage: pages MEGABYTES
 */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL
#define WORDS (PAGE / sizeof(uint64_t))

static uint8_t *area;
static uint8_t *wiped; /* shows zeros in a forked child */
static size_t pages;
static char verdict[256];
static volatile int failed;

static void wrong(const char *format, ...)
{
	va_list arguments;

	if (__atomic_exchange_n(&failed, 1, __ATOMIC_SEQ_CST))
		return;
	va_start(arguments, format);
	vsnprintf(verdict, sizeof(verdict), format, arguments);
	va_end(arguments);
}

static uint64_t word(uint64_t value, size_t i)
{
	return value ? value * 0x9e3779b97f4a7c15ULL + i : 0;
}

static void fill(void *page, uint64_t value)
{
	for (size_t i = 0; i < WORDS; i++)
		((uint64_t *)page)[i] = word(value, i);
}

/* Whether a page holds a value; 0 stands for zeros. */
static void check(const void *page, uint64_t value, const char *what, size_t n)
{
	for (size_t i = 0; i < WORDS; i++) {
		if (((volatile uint64_t *)page)[i] != word(value, i)) {
			wrong("%s: page %zu has a wrong word %zu: %llx", what, n, i,
			      (unsigned long long)((uint64_t *)page)[i]);
			return;
		}
	}
}

static void check_range(size_t from, size_t to, size_t step, const char *what)
{
	for (size_t n = from; n < to; n += step)
		check(area + n * PAGE, n + 1, what, n);
}

static void trial_sum(void)
{
	check_range(0, pages, 1, "sum");
}

static void trial_touch(void)
{
	check_range(0, pages, 64, "touch");
}

/* Parent and child touch different pages that are not there yet, then each other's. */
static void trial_fork(void)
{
	int status;
	pid_t child;

	check_range(0, pages, 7, "before the fork");
	child = fork();
	if (child == 0) {
		check_range(1, pages, 2, "child");
		for (size_t n = 0; n < pages; n += 3)
			fill(area + n * PAGE, 1000000 + n);
		pid_t grandchild = fork();
		if (grandchild == 0) {
			for (size_t n = 0; n < pages; n++)
				check(area + n * PAGE, n % 3 ? n + 1 : 1000000 + n, "grandchild", n);
			_exit(failed);
		}
		if (waitpid(grandchild, &status, 0) < 0 || status)
			_exit(2);
		_exit(failed);
	}
	for (size_t n = 1; n < pages; n += 3)
		fill(area + n * PAGE, 2000000 + n);
	for (size_t n = 0; n < pages; n++)
		check(area + n * PAGE, n % 3 == 1 ? 2000000 + n : n + 1, "parent", n);
	if (waitpid(child, &status, 0) < 0 || status)
		wrong("the child ended with status %x", status);
}

/* A child that lacks half of the area, sees another one wiped, and lives on. */
static void trial_inherit(void)
{
	int answer[2];
	char result = 1;

	if (pipe(answer) < 0 || madvise(area + pages / 2 * PAGE, pages / 2 * PAGE, MADV_DONTFORK) < 0)
		wrong("preparing: %s", strerror(errno));
	if (fork() == 0) {
		for (int fd = 3; fd < 64; fd++) /* the asker waits for the end of its connection */
			if (fd != answer[1])
				close(fd);
		check_range(0, pages / 2, 5, "child");
		for (size_t n = 0; n < 64; n++)
			check(wiped + n * PAGE, 0, "wiped", n);
		result = failed;
		if (write(answer[1], &result, 1) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	if (read(answer[0], &result, 1) != 1 || result)
		wrong("the child found something wrong");
	for (size_t n = 0; n < 64; n++)
		check(wiped + n * PAGE, 500 + n, "not wiped in the parent", n);
	check_range(0, pages, 1, "parent");
}

static void trial_unmap(void)
{
	size_t half = pages / 2;
	uint8_t *hole = area + pages / 4 * PAGE;

	if (munmap(hole, half * PAGE) < 0)
		wrong("munmap: %s", strerror(errno));
	if (mmap(hole, half * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != hole)
		wrong("mmap: %s", strerror(errno));
	for (size_t n = 0; n < half; n++)
		check(hole + n * PAGE, 0, "mapped anew", n);
	check_range(0, pages / 4, 1, "below the hole");
	check_range(pages / 4 + half, pages, 1, "above the hole");
}

static void trial_remap(void)
{
	size_t grown = pages + 300;
	uint8_t *target = mmap(NULL, (grown + 512) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint8_t *moved;

	check_range(0, pages, 50, "before the move");
	target += 256 * PAGE;
	moved = mremap(area, pages * PAGE, grown * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target);
	if (moved != target) {
		wrong("mremap: %s", strerror(errno));
		return;
	}
	area = moved;
	check_range(0, pages, 3, "after the move");
	for (size_t n = pages; n < grown; n++)
		check(area + n * PAGE, 0, "grown", n);
	/* Shrink, grow again: what was cut off must not come back. */
	size_t cut = pages - pages / 5;
	if (mremap(area, grown * PAGE, cut * PAGE, 0) != area || mremap(area, cut * PAGE, pages * PAGE, 0) != area) {
		wrong("mremap in place: %s", strerror(errno));
		return;
	}
	check_range(0, cut, 1, "after the cut");
	for (size_t n = cut; n < pages; n++)
		check(area + n * PAGE, 0, "cut off", n);
}

static void trial_dontneed(void)
{
	size_t q = pages / 4;
	uint8_t *moved;

	check_range(0, q, 1, "before");
	if (madvise(area + q / 2 * PAGE, q * PAGE, MADV_DONTNEED) < 0)
		wrong("madvise: %s", strerror(errno));
	for (size_t n = q / 2; n < q / 2 + q; n++)
		check(area + n * PAGE, 0, "given back", n);
	check_range(q / 2 + q, pages, 1, "beyond");
	check_range(0, q / 2, 1, "below");
	if (madvise(area + 3 * q * PAGE, q * PAGE, MADV_DONTNEED) < 0)
		wrong("madvise: %s", strerror(errno));
	for (size_t n = 3 * q; n < 4 * q; n++)
		check(area + n * PAGE, 0, "given back later", n);
	/* A move of the whole must still be a move of one area. */
	moved = mremap(area, pages * PAGE, (pages + 1000000) * PAGE, MREMAP_MAYMOVE);
	if (moved == MAP_FAILED)
		wrong("mremap after madvise: %s", strerror(errno));
	else
		area = moved;
	check_range(q / 2 + q, 3 * q, 1, "moved");
}

static void *run_thread(void *argument)
{
	size_t k = (size_t)argument;

	for (size_t i = 0; i < pages; i++) {
		size_t n = k % 2 ? pages - 1 - i : (i * 7919 + (k / 4) * 13) % pages;
		check(area + n * PAGE, n + 1, "thread", n);
	}
	return NULL;
}

static void trial_threads(void)
{
	pthread_t threads[8];

	for (size_t k = 0; k < 8; k++)
		pthread_create(&threads[k], NULL, run_thread, (void *)k);
	for (size_t k = 0; k < 8; k++)
		pthread_join(threads[k], NULL);
}

static volatile int stop;

static void *fork_again_and_again(void *unused)
{
	int status;

	while (!stop && !failed) {
		pid_t child = fork();
		if (child == 0) {
			for (size_t n = 0; n < pages / 2; n += 97)
				check(area + n * PAGE, n + 1, "forked", n);
			_exit(failed);
		}
		if (waitpid(child, &status, 0) < 0 || status)
			wrong("a forked child ended with status %x", status);
	}
	return unused;
}

/* Mappings change at random in the upper half while another thread forks and checks the lower. */
static void trial_churn(void)
{
	size_t half = pages / 2, width = 64, slots = half / width;
	uint8_t **at = calloc(slots, sizeof(*at));
	uint64_t *held = calloc(slots * width, sizeof(*held));
	uint64_t random = 88172645463325252ULL;
	pthread_t forker;

	for (size_t s = 0; s < slots; s++)
		at[s] = area + (half + s * width) * PAGE;
	for (size_t n = 0; n < slots * width; n++)
		held[n] = half + n + 1;
	pthread_create(&forker, NULL, fork_again_and_again, NULL);
	for (int round = 0; round < 6000 && !failed; round++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		size_t s = random % slots, n = random / 65536 % width;
		uint64_t *v = &held[s * width];
		uint8_t *target;

		switch (random >> 56 & 7) {
		case 0: /* move the slot elsewhere */
			target = mmap(NULL, width * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			if (mremap(at[s], width * PAGE, width * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target) != target)
				wrong("mremap: %s", strerror(errno));
			at[s] = target;
			break;
		case 1: /* give a tail back */
			if (madvise(at[s] + n * PAGE, (width - n) * PAGE, MADV_DONTNEED) < 0)
				wrong("madvise: %s", strerror(errno));
			memset(v + n, 0, (width - n) * sizeof(*v));
			break;
		case 2: /* replace a page by a new mapping */
			munmap(at[s] + n * PAGE, PAGE);
			if (mmap(at[s] + n * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
				wrong("mmap: %s", strerror(errno));
			v[n] = 0;
			/* Moves need one area again. */
			for (size_t i = 0; i < width; i++)
				check(at[s] + i * PAGE, v[i], "churn", s * width + i);
			target = mmap(NULL, width * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			memcpy(target, at[s], width * PAGE);
			munmap(at[s], width * PAGE);
			at[s] = target;
			break;
		case 3:
			v[n] = random | 1;
			fill(at[s] + n * PAGE, v[n]);
			break;
		default:
			check(at[s] + n * PAGE, v[n], "churn", s * width + n);
		}
	}
	stop = 1;
	pthread_join(forker, NULL);
	for (size_t n = 0; n < slots * width; n++)
		check(at[n / width] + n % width * PAGE, held[n], "after churn", n);
	check_range(0, half, 1, "lower half");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} trials[] = {
		{ "sum", trial_sum },         { "touch", trial_touch },     { "fork", trial_fork },
		{ "unmap", trial_unmap },     { "remap", trial_remap },     { "dontneed", trial_dontneed },
		{ "threads", trial_threads }, { "churn", trial_churn },
		{ "inherit", trial_inherit },
	};
	struct sockaddr_un address = { AF_UNIX, "/run/rekindle/function.sock" };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	pages = argc > 1 ? strtoul(argv[1], NULL, 10) << 8 : 0;
	area = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == 0 || area == MAP_FAILED)
		return 1;
	for (size_t n = 0; n < pages; n++)
		fill(area + n * PAGE, n + 1);
	wiped = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (wiped == MAP_FAILED || madvise(wiped, 64 * PAGE, MADV_WIPEONFORK) < 0)
		return 1;
	for (size_t n = 0; n < 64; n++)
		fill(wiped + n * PAGE, 500 + n);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(listener, 64) < 0)
		return 1;
	if (write(3, "ok", 2) != 2)
		return 1;
	close(3);
	for (;;) {
		char line[64];
		int c = accept(listener, NULL, NULL);
		ssize_t n = read(c, line, sizeof(line) - 1);

		if (n <= 0) {
			close(c);
			continue;
		}
		line[n] = 0;
		line[strcspn(line, "\n")] = 0;
		snprintf(verdict, sizeof(verdict), "no trial named %s", line);
		for (size_t i = 0; i < sizeof(trials) / sizeof(*trials); i++) {
			if (strcmp(trials[i].name, line) == 0) {
				strcpy(verdict, "ok");
				trials[i].run();
			}
		}
		if (write(c, verdict, strlen(verdict)) < 0)
			return 1;
		close(c);
	}
}
