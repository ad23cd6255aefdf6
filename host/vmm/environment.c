/* SPDX-License-Identifier: BSD-2-Clause */
/* An image's environment, from a file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/vm.h"

#define ENVIRONMENT_MAX	65536u

char *vm_environment_read(const char *path, size_t *length, char *why, size_t size)
{
	char *text = calloc(1, ENVIRONMENT_MAX + 1);
	FILE *file = fopen(path, "re");
	bool good = file && text;

	if (good) {
		*length = fread(text, 1, ENVIRONMENT_MAX + 1, file);
		good = !ferror(file);
	}
	if (!good) {
		snprintf(why, size, "%s", strerror(errno));
	} else if (*length > ENVIRONMENT_MAX) {
		snprintf(why, size, "longer than 64 KiB");
		good = false;
	}
	if (file)
		fclose(file);
	if (good)
		return text;
	free(text);
	return NULL;
}
