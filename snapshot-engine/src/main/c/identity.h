/* Keeps the identity of the function's files.
 *
 * In a clone /tmp and /dev/shm are new file systems with copies of the files: other devices, other
 * inode numbers. Programs know files by these (SQLite's locks, sem_open, dlopen), and two names for
 * one file lose data. No file system lets one choose its device. So where a snapshot holds open files
 * of /tmp or /dev/shm, the calls that tell a file's identity are reported to init, which makes them
 * in the caller's place and answers with the identity of before: for files of the snapshot what the
 * function saw before its checkpoint, for later ones numbers that no file had before. */
#ifndef REKINDLE_IDENTITY_H
#define REKINDLE_IDENTITY_H

#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Where a snapshot has the identities of its files; absent if they need not be kept. */
#define IDENTITIES "/rekindle/private/snapshot/identities"

/* Where a checkpoint finds those that record_identities() wrote. */
#define NEW_IDENTITIES "/rekindle/private/work/identities"

/* identity.c. Those that return int return 0, or -1 with errno set. */
int keeps_identities(void);
int load_identities(void);   /* once the files are back, before the function runs */
int record_identities(void); /* while the function stands still */
int identities_are_loaded(void);

/* What the function is to see. */
dev_t shown_device(dev_t device);
ino_t shown_inode(dev_t device, ino_t inode);

/* Whether a device is /tmp or /dev/shm, as they are now. */
int shows_files_of(dev_t device);

/* file_locks.c */
int record_locks(FILE *out);
int note_lock(const char *record);
void set_locks(void);

/* identity_calls.c */
extern const int identity_calls[];
extern const int identity_call_count;
int tells_identity(int call);
void serve_identity(int listener, const struct seccomp_notif *report);

/* caller_paths.c: opens (O_PATH) what a path means to a thread of the function's, where a relative
 * one starts at a descriptor of the thread's or AT_FDCWD. A descriptor, a negative errno, or
 * KERNEL_KNOWS if it lies in /proc, where much depends on who asks. */
#define KERNEL_KNOWS (-4096)
int open_as_caller(pid_t thread, int directory, const char *path, int follow);

#endif
