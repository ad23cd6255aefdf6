/* SPDX-License-Identifier: BSD-2-Clause */
/* The one way out for a host program that cannot go on. */
#include "base/die.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *program = "flatbed";
static int status = 2;

void die_set_program(const char *name)
{
	program = name;
}

void die_set_status(int new_status)
{
	status = new_status;
}

void die(const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* One call, so that lines of several processes do not mix. */
	fprintf(stderr, "%s: %s\n", program, text);
	exit(status);
}

void die_errno(const char *format, ...)
{
	int error = errno;
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	die("%s: %s", text, strerror(error));
}
