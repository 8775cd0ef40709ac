#include "init.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_process(const char *pid, struct memory *m)
{
	char path[64], line[256];
	unsigned long long kib;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/smaps_rollup", pid);
	f = fopen(path, "re");
	if (!f)
		return; /* gone since it was listed */
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Rss: %llu kB", &kib) == 1)
			m->resident += kib << 10;
		else if (sscanf(line, "Pss: %llu kB", &kib) == 1)
			m->proportional += kib << 10;
		/* Mapped pages of a file lie in the page cache, also where one process alone maps them; only
		 * anonymous pages go when the sandbox goes. Forked processes share them: so by proportion. */
		else if (sscanf(line, "Pss_Anon: %llu kB", &kib) == 1)
			m->private_bytes += kib << 10;
	}
	fclose(f);
	m->processes++;
}

int measure_memory(struct memory *m, pid_t relay)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	memset(m, 0, sizeof(*m));
	if (!proc)
		return -1;
	while ((entry = readdir(proc)))
		if (isdigit(entry->d_name[0]) && strcmp(entry->d_name, "1") != 0 && atoi(entry->d_name) != relay)
			add_process(entry->d_name, m);
	closedir(proc);
	m->shared = m->resident > m->private_bytes ? m->resident - m->private_bytes : 0;
	return 0;
}
