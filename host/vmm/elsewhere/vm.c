/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The embedded VMM where it has no machines: on every architecture but x86, arm64 and riscv64.  The
 * runner asks for it only where it has (choose.c), so that what is asked here
 * is asked by hand.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/die.h"
#include "vmm/command.h"
#include "vmm/vm.h"

#define NONE	"the embedded VMM has machines on x86, arm64 and riscv64 only"

struct vm_end *vm_end_create(unsigned int cpus)
{
	struct vm_end *end = mem_new(sizeof(*end));

	(void)cpus;
	end->kind = VM_END_UNSUPPORTED;
	snprintf(end->text, sizeof(end->text), NONE);
	return end;
}

void vm_end_keep(struct vm_end *end)
{
	(void)end;
}

bool vm_prepare(const struct vm_conduct *conduct)
{
	(void)conduct;
	return true;
}

void vm_end_free(struct vm_end *end)
{
	free(end);
}

void vm_end_line(const struct vm_end *end, struct symbols *symbols, struct buf *to)
{
	(void)symbols;
	buf_puts(to, end->text);
}

void vm_autopsy_text(const struct vm_end *end, struct symbols *symbols, struct buf *to)
{
	(void)end;
	(void)symbols;
	(void)to;
}

void vm_autopsy_json(const struct vm_end *end, struct symbols *symbols, struct buf *to)
{
	(void)end;
	(void)symbols;
	(void)to;
}

const char *vm_directory(void)
{
	return "";
}

int vm_cpu_supported(const char *cpu, char *why, size_t size)
{
	(void)cpu;
	snprintf(why, size, NONE);
	return -1;
}

bool vm_cpu_feature(const char *name, size_t length, struct vm_cpuid_bit *where)
{
	(void)name;
	(void)length;
	(void)where;
	return false;
}

char *vm_environment_read(const char *path, size_t *length, char *why, size_t size)
{
	(void)path;
	(void)length;
	snprintf(why, size, NONE);
	return NULL;
}

bool vm_device_known(const char *word)
{
	(void)word;
	return false;
}

const char *vm_perturb_wrong(const char *list)
{
	(void)list;
	return NONE;
}

void vm_perturb_list(FILE *to)
{
	fprintf(to, "%s\n", NONE);
}

/* Entries about them are as good as any, and count nowhere. */
bool vm_perturb_known(const char *name, size_t length)
{
	(void)name;
	(void)length;
	return true;
}

void vm_perturb_names(const struct vm_conduct *conduct, struct buf *to)
{
	(void)conduct;
	(void)to;
}

double vm_perturb_slowdown(const struct vm_conduct *conduct)
{
	(void)conduct;
	return 1;
}

const char *vm_save_wrong(const char *wanted)
{
	(void)wanted;
	return NONE;
}

char *vm_saved_image(int fd)
{
	(void)fd;
	return NULL;
}

bool vm_lie_known(const char *text, char *why, size_t size)
{
	(void)text;
	snprintf(why, size, NONE);
	return false;
}

bool vm_trace_known(const char *groups, char *why, size_t size)
{
	(void)groups;
	snprintf(why, size, NONE);
	return false;
}

bool vm_lie_list(FILE *to, const char *form)
{
	(void)form;
	fprintf(to, "%s\n", NONE);
	return true;
}

void vm_run(const struct vm_config *config, struct vm_end *end)
{
	(void)config;
	(void)end;
	die(NONE);
}

const struct vm_option *vm_options(size_t *count)
{
	*count = 0;
	return NULL;
}

int vm_option_take(struct vm_command *command, int argc, char **argv)
{
	(void)command;
	(void)argc;
	(void)argv;
	return 0;
}

int vm_command(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	die(NONE);
}
