/* SPDX-License-Identifier: BSD-2-Clause */
/* flatbed completion: what bash and zsh complete, from the tables of options. */
#include <stdio.h>
#include <string.h>

#include "runner/arch.h"
#include "runner/options.h"
#include "runner/session.h"
#include "vmm/command.h"

/* Scripts that are a subcommand by another name. */
#define IMAGE_SCRIPTS	"x86-run arm-run powerpc-run s390x-run riscv-run"

static void archs_put(void)
{
	for (const struct arch *arch = arch_next(NULL); arch; arch = arch_next(arch))
		printf("%s ", arch->name);
}

static void row_words(const struct option_row *row, const char *separator)
{
	if (row->letter)
		printf("-%c%s", row->letter, separator);
	printf("--%s%s%s", row->name, row->argument ? "=" : "", separator);
}

static void options_put(const struct command *command)
{
	size_t count;
	const struct vm_option *vm = vm_options(&count);

	for (size_t g = 0; command->groups && command->groups[g]; g++)
		for (size_t i = 0; i < command->groups[g]->count; i++)
			row_words(&command->groups[g]->rows[i], " ");
	for (size_t i = 0; !strcmp(command->name, "vm") && i < count; i++)
		printf("%s ", vm[i].name);
	printf("--help");
}

static void values_put(const struct command *command)
{
	for (size_t g = 0; command->groups && command->groups[g]; g++) {
		for (size_t i = 0; i < command->groups[g]->count; i++) {
			const struct option_row *row = &command->groups[g]->rows[i];

			if (!row->argument)
				continue;
			printf("\t%s:--%s", command->name, row->name);
			if (row->letter)
				printf(" | %s:-%c", command->name, row->letter);
			printf(") printf '%%s' '%s' ;;\n", row->values ? row->values : "<nothing>");
		}
	}
}

static const char *operands_kind(const char *operands)
{
	static const char *const kinds[][2] = {
		{ "CASE", "<case>" }, { "RUN", "<run>" }, { "IMAGE", "<image>" },
		{ "bash|zsh", "bash zsh" }, { "", "<file>" },
	};
	size_t i = 0;

	while (!strstr(operands, kinds[i][0]))
		i++;
	return *operands ? kinds[i][1] : "<nothing>";
}

/* What both shells share: names, options and kinds of values, as functions. */
static void tables_put(void)
{
	printf("_flatbed_commands='");
	for (size_t i = 0; commands[i]; i++)
		printf("%s%s", i ? " " : "", commands[i]->name);
	printf("'\n_flatbed_archs='");
	archs_put();
	printf("'\n\n_flatbed_options() {\n\tcase $1 in\n");
	for (size_t i = 0; commands[i]; i++) {
		printf("\t%s) printf '%%s' '", commands[i]->name);
		options_put(commands[i]);
		printf("' ;;\n");
	}
	printf("\tesac\n}\n\n_flatbed_values() {\n\tcase $1:$2 in\n");
	for (size_t i = 0; commands[i]; i++)
		values_put(commands[i]);
	printf("\tesac\n}\n\n_flatbed_operands() {\n\tcase $1 in\n");
	for (size_t i = 0; commands[i]; i++) {
		printf("\t%s) printf '%%s' '%s' ;;\n", commands[i]->name,
		       operands_kind(commands[i]->operands));
	}
	printf("\tesac\n}\n\n");
	/* What only the tree at hand can tell. */
	fputs("_flatbed_kind() {\n"
	      "\tcase $1 in\n"
	      "\t'<case>') sed -n 's/^\\[\\(.*\\)\\]$/\\1/p' ./*/unittests.cfg 2>/dev/null ;;\n"
	      "\t'<group>') sed -n 's/^groups *= *//p' ./*/unittests.cfg 2>/dev/null | "
	      "tr ' ' '\\n' | sort -u ;;\n"
	      "\t'<run>') echo latest; ls logs/runs 2>/dev/null ;;\n"
	      "\t'<arch>') echo \"$_flatbed_archs\" ;;\n"
	      "\t'<backend>') echo auto kvm qemu qemu-kvm qemu-tcg bochs ;;\n"
	      "\t'<nothing>') ;;\n"
	      "\t*) echo \"$1\" ;;\n"
	      "\tesac\n"
	      "}\n\n", stdout);
}

static const char bash_text[] =
	"_flatbed() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=$1 kind\n"
	"\t# '=' parts words: --name = value.\n"
	"\tif [[ $cur == = ]]; then cur=\n"
	"\telif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
	"\tcase ${1##*/} in\n"
	"\trun_tests.sh) command=suite ;;\n"
	"\t*-run | run) command=run ;;\n"
	"\t*)\tcommand=${COMP_WORDS[1]}\n"
	"\t\tif ((COMP_CWORD == 1)); then\n"
	"\t\t\tmapfile -t COMPREPLY < <(compgen -W \"$_flatbed_commands --help\" "
	"-- \"$cur\")\n"
	"\t\t\treturn\n"
	"\t\tfi ;;\n"
	"\tesac\n"
	"\tkind=$(_flatbed_values \"$command\" \"$prev\")\n"
	"\tif [[ -z $kind && $cur == -* ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$(_flatbed_options \"$command\")\" "
	"-- \"$cur\")\n"
	"\t\t[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null\n"
	"\t\treturn\n"
	"\tfi\n"
	"\t: \"${kind:=$(_flatbed_operands \"$command\")}\"\n"
	"\tcase $kind in\n"
	"\t'<file>') mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
	"\t'<directory>') mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
	"\t'<image>') mapfile -t COMPREPLY < <(compgen -f -X '!*.@(flat|elf|efi)' -- \"$cur\"\n"
	"\t\tcompgen -d -S / -- \"$cur\") ;;\n"
	"\t*) mapfile -t COMPREPLY < <(compgen -W \"$(_flatbed_kind \"$kind\")\" -- \"$cur\") ;;\n"
	"\tesac\n"
	"}\n"
	"shopt -s extglob\n"
	"complete -F _flatbed flatbed run_tests.sh " IMAGE_SCRIPTS "\n";

static const char zsh_text[] =
	"_flatbed() {\n"
	"\tlocal command kind option\n"
	"\tlocal -a options\n"
	"\tcase ${words[1]:t} in\n"
	"\trun_tests.sh) command=suite ;;\n"
	"\t*-run | run) command=run ;;\n"
	"\t*)\tcommand=${words[2]}\n"
	"\t\tif ((CURRENT == 2)); then\n"
	"\t\t\tcompadd -- ${=_flatbed_commands}\n"
	"\t\t\treturn\n"
	"\t\tfi ;;\n"
	"\tesac\n"
	"\tif [[ $PREFIX == --*=* ]]; then\n"
	"\t\toption=${PREFIX%%=*}\n"
	"\t\tcompset -P 1 '*='\n"
	"\t\tkind=$(_flatbed_values $command $option)\n"
	"\telif [[ $PREFIX == -* ]]; then\n"
	"\t\toptions=(${=$(_flatbed_options $command)})\n"
	"\t\tcompadd -- ${options:#*=}\n"
	"\t\tcompadd -S '' -- ${(M)options:#*=}\n"
	"\t\treturn\n"
	"\telse\n"
	"\t\tkind=$(_flatbed_values $command ${words[CURRENT-1]})\n"
	"\tfi\n"
	"\t[[ -n $kind ]] || kind=$(_flatbed_operands $command)\n"
	"\tcase $kind in\n"
	"\t'<file>') _files ;;\n"
	"\t'<directory>') _files -/ ;;\n"
	"\t'<image>') _files -g '*.(flat|elf|efi)' ;;\n"
	"\t*) compadd -- ${=$(_flatbed_kind $kind)} ;;\n"
	"\tesac\n"
	"}\n"
	"compdef _flatbed flatbed run_tests.sh " IMAGE_SCRIPTS "\n"
	"# The first time, this file itself is what zsh calls by that name.\n"
	"[[ $funcstack[1] == _flatbed ]] && _flatbed \"$@\"\n";

static int completion_run(const char *program, int argc, char **argv)
{
	int first, status = options_read(&completion_command, NULL, argc, argv, &first);
	bool zsh;

	(void)program;
	if (status != OPTIONS_GO_ON)
		return status;
	zsh = argc - first == 1 && !strcmp(argv[first], "zsh");
	if (argc - first != 1 || (!zsh && strcmp(argv[first], "bash"))) {
		usage_print(&completion_command, stderr);
		return 2;
	}
	if (zsh)
		printf("#compdef flatbed run_tests.sh " IMAGE_SCRIPTS "\n");
	printf("# Made from the runner's tables by `flatbed completion %s`.\n", argv[first]);
	tables_put();
	fputs(zsh ? zsh_text : bash_text, stdout);
	return 0;
}

const struct command completion_command = {
	.name = "completion", .operands = "bash|zsh", .run = completion_run,
	.text = "print what a shell is to read in order to complete these commands",
};
