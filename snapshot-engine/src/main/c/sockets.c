#include "init.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire.h"

#define SOCKETS "/run/rekindle"

int open_sockets(void)
{
	return chown(SOCKETS, FUNCTION_ID, FUNCTION_ID);
}

/* The engine's user connects to what lies here by name. Were it still the function's directory, a
 * link put in a socket's place would make that user connect to any socket of the host. */
int seal_sockets(void)
{
	DIR *directory = opendir(SOCKETS);
	struct dirent *entry;
	struct stat st;

	if (!directory)
		return -1;
	/* First: after this nothing can be put here behind our back. */
	if (fchown(dirfd(directory), 0, 0) < 0 || fchmod(dirfd(directory), 0755) < 0) {
		closedir(directory);
		return -1;
	}
	while ((entry = readdir(directory)))
		if (fstatat(dirfd(directory), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    !S_ISSOCK(st.st_mode) && !S_ISDIR(st.st_mode))
			unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
	return 0;
}
