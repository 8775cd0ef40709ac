#include "identity.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Records end with a NUL:
 *   "device NUMBER PATH"        a mount of the sandbox's own
 *   "next NUMBER"               no file had this inode number yet, nor one above it
 *   "root NUMBER PATH"          the top of a tree, with its inode number
 *   "file DEPTH NUMBER NAME"    below it, parents first, depth 1 at the top
 *   "lock PROCESS FD r|w START BYTES"   see file_locks.c; decimal, 0 bytes: to the end
 * Numbers but depths are hexadecimal. Names alone, since a path may be longer than one may open. */

static const char *const mounts[] = { "/", "/dev", "/dev/shm", "/run", "/tmp" };
static const char *const trees[] = { "/tmp", "/dev/shm" };

#define MOUNTS (sizeof(mounts) / sizeof(*mounts))
#define TREES (sizeof(trees) / sizeof(*trees))

static struct {
	dev_t real, shown;
} devices[MOUNTS];
static size_t device_count;

static dev_t tree_devices[TREES];

/* Inode numbers of the snapshot's files: a hash table with open addressing; real 0 is free. */
struct entry {
	ino_t real, shown;
	uint8_t tree;
};
static struct entry *table;
static size_t room, used;

/* Added to the numbers of files that are not in the table. */
static ino_t base;

int keeps_identities(void)
{
	return access(IDENTITIES, F_OK) == 0;
}

int identities_are_loaded(void)
{
	return device_count > 0;
}

static struct entry *slot(uint8_t tree, ino_t real)
{
	size_t i = (real * 0x9e3779b97f4a7c15ull + tree) & (room - 1);

	while (table[i].real && (table[i].real != real || table[i].tree != tree))
		i = (i + 1) & (room - 1);
	return &table[i];
}

static int grow(void)
{
	struct entry *old = table;
	size_t old_room = room;

	room = old_room ? 2 * old_room : 256;
	table = calloc(room, sizeof(*table));
	if (!table) {
		table = old;
		room = old_room;
		return -1;
	}
	for (size_t i = 0; i < old_room; i++)
		if (old[i].real)
			*slot(old[i].tree, old[i].real) = old[i];
	free(old);
	return 0;
}

static int add(uint8_t tree, ino_t real, ino_t shown)
{
	struct entry *e;

	if (2 * used >= room && grow() < 0)
		return -1;
	e = slot(tree, real);
	used += !e->real;
	*e = (struct entry){ .real = real, .shown = shown, .tree = tree };
	return 0;
}

dev_t shown_device(dev_t device)
{
	size_t i;

	for (i = 0; i < device_count; i++)
		if (devices[i].real == device)
			return devices[i].shown;
	/* A device of the host's may have by chance the number that one of ours shows: it then shows
	 * ours, or what is at the end of such a chain. So different devices stay different. */
	for (i = 0; i < device_count; i++) {
		if (devices[i].shown == device) {
			device = devices[i].real;
			i = -1;
		}
	}
	return device;
}

static int tree_of(dev_t device)
{
	for (size_t tree = 0; tree < TREES; tree++)
		if (tree_devices[tree] == device)
			return tree;
	return -1;
}

int shows_files_of(dev_t device)
{
	return tree_of(device) >= 0;
}

ino_t shown_inode(dev_t device, ino_t inode)
{
	int tree = tree_of(device);
	const struct entry *e;

	if (tree < 0)
		return inode;
	e = used ? slot(tree, inode) : NULL;
	return e && e->real ? e->shown : inode + base;
}

/* Where a walk through a tree stands. One descriptor at a time: trees may be deeper than init may
 * have files open. */
struct walk {
	int directory;
	int depth;
	uint8_t tree;
};

static int go(struct walk *w, const char *name)
{
	int fd = openat(w->directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -1;
	close(w->directory);
	w->directory = fd;
	w->depth += strcmp(name, "..") == 0 ? -1 : 1;
	return 0;
}

static void note_tree(const char *path, dev_t device)
{
	for (size_t tree = 0; tree < TREES; tree++)
		if (strcmp(path, trees[tree]) == 0)
			tree_devices[tree] = device;
}

static int load_device(const char *path, dev_t shown)
{
	struct stat st;

	if (device_count == MOUNTS || stat(path, &st) < 0)
		return -1;
	note_tree(path, st.st_dev);
	devices[device_count].real = st.st_dev;
	devices[device_count++].shown = shown;
	return 0;
}

static int load_root(struct walk *w, const char *path, ino_t shown)
{
	struct stat st;

	for (w->tree = 0; w->tree < TREES && strcmp(path, trees[w->tree]) != 0; w->tree++)
		;
	if (w->directory >= 0)
		close(w->directory);
	w->depth = 0;
	w->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->tree == TREES || w->directory < 0 || fstat(w->directory, &st) < 0)
		return -1;
	return add(w->tree, st.st_ino, shown);
}

static int load_file(struct walk *w, int depth, ino_t shown, const char *name)
{
	struct stat st;

	while (w->depth >= depth)
		if (go(w, "..") < 0)
			return -1;
	if (w->depth != depth - 1 || fstatat(w->directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    add(w->tree, st.st_ino, shown) < 0)
		return -1;
	return S_ISDIR(st.st_mode) ? go(w, name) : 0;
}

static int load_record(struct walk *w, const char *record)
{
	unsigned long number;
	int depth, name = 0;

	if (sscanf(record, "device %lx %n", &number, &name) == 1 && name)
		return load_device(record + name, number);
	if (sscanf(record, "next %lx", &number) == 1) {
		base = number;
		return 0;
	}
	if (sscanf(record, "root %lx %n", &number, &name) == 1 && name)
		return load_root(w, record + name, number);
	if (strncmp(record, "lock ", 5) == 0)
		return note_lock(record + 5);
	/* Not a space before %n: it would swallow the spaces that a name begins with. */
	if (sscanf(record, "file %d %lx%n", &depth, &number, &name) == 2 && name && record[name] == ' ' &&
	    depth > 0)
		return load_file(w, depth, number, record + name + 1);
	errno = EBADMSG;
	return -1;
}

int load_identities(void)
{
	struct walk w = { .directory = -1 };
	FILE *in = fopen(IDENTITIES, "re");
	char *record = NULL;
	size_t capacity = 0;
	int failed = 0, error;

	if (!in)
		return -1;
	while (!failed && getdelim(&record, &capacity, 0, in) > 0)
		failed = load_record(&w, record) < 0;
	error = errno;
	free(record);
	fclose(in);
	if (w.directory >= 0)
		close(w.directory);
	errno = error;
	return failed ? -1 : 0;
}

static ino_t highest;

static ino_t note(const struct stat *st)
{
	ino_t shown = shown_inode(st->st_dev, st->st_ino);

	if (shown > highest)
		highest = shown;
	return shown;
}

/* The names in a directory, each with its NUL, and an empty one at the end. */
static char *list(int directory)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *open_directory = fd < 0 ? NULL : fdopendir(fd);
	size_t length = 0;
	char *names = NULL;
	FILE *out = open_memstream(&names, &length);
	struct dirent *entry;

	while (open_directory && out && (entry = readdir(open_directory)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			fwrite(entry->d_name, 1, strlen(entry->d_name) + 1, out);
	if (out) {
		fputc(0, out);
		fclose(out);
	}
	if (open_directory) {
		closedir(open_directory);
	} else {
		free(names);
		names = NULL;
	}
	return names;
}

static int record_below(struct walk *w, FILE *out)
{
	char *names = list(w->directory);
	int failed = !names;
	struct stat st;

	for (const char *name = names; !failed && *name; name += strlen(name) + 1) {
		failed = fstatat(w->directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0;
		if (failed || S_ISSOCK(st.st_mode)) /* CRIU makes sockets anew, after the table is made */
			continue;
		fprintf(out, "file %d %lx %s%c", w->depth + 1, note(&st), name, 0);
		if (S_ISDIR(st.st_mode))
			failed = go(w, name) < 0 || record_below(w, out) < 0 || go(w, "..") < 0;
	}
	free(names);
	return failed ? -1 : 0;
}

static int record_tree(const char *path, FILE *out)
{
	struct walk w = { .directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	struct stat st;
	int failed, probe;

	if (w.directory < 0)
		return -1;
	/* A file made now has the highest number so far; if /tmp is full, those that are there must do. */
	probe = openat(w.directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (probe >= 0 && fstat(probe, &st) == 0)
		note(&st);
	if (probe >= 0)
		close(probe);
	failed = fstat(w.directory, &st) < 0;
	if (!failed) {
		fprintf(out, "root %lx %s%c", note(&st), path, 0);
		failed = record_below(&w, out) < 0;
	}
	close(w.directory);
	return failed ? -1 : 0;
}

int record_identities(void)
{
	FILE *out = fopen(NEW_IDENTITIES, "we");
	int failed = 0, error;
	struct stat st;

	if (!out)
		return -1;
	highest = base;
	for (size_t i = 0; i < MOUNTS && !failed; i++) {
		failed = stat(mounts[i], &st) < 0;
		note_tree(mounts[i], st.st_dev);
		fprintf(out, "device %lx %s%c", shown_device(st.st_dev), mounts[i], 0);
	}
	for (size_t tree = 0; tree < TREES && !failed; tree++)
		failed = record_tree(trees[tree], out) < 0;
	fprintf(out, "next %lx%c", highest + 1, 0);
	failed = failed || record_locks(out) < 0;
	error = errno;
	failed |= ferror(out);
	failed |= fclose(out) != 0;
	if (failed)
		errno = error;
	return failed ? -1 : 0;
}
