/* SPDX-License-Identifier: BSD-2-Clause */
/* The architectures of images. */
#include "runner/arch.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/plan.h"

#define LIST(...)	((const char *const[]){ __VA_ARGS__, NULL })
#define PLAIN		.suffix = ".flat"
#define STATUS_LINE	.tells_status = true, .may_have = "pci-testdev"

static const struct arch archs[] = {
	{ .name = "x86_64", .directory = "x86", PLAIN, .hosts = LIST("x86_64"),
	  .qemu = LIST("qemu-system-x86_64", "qemu-kvm"), .package = "qemu-system-x86",
	  .elf_machine = EM_X86_64, .elf_class = ELFCLASS64, .elf_data = ELFDATA2LSB,
	  .qemu_words = qemu_x86, .must_have = "pc-testdev", .may_have = "pci-testdev" },
	{ .name = "i386", .directory = "x86", PLAIN, .hosts = LIST("x86_64", "i686"),
	  .qemu = LIST("qemu-system-i386", "qemu-system-x86_64", "qemu-kvm"),
	  .package = "qemu-system-x86",
	  .elf_machine = EM_386, .elf_class = ELFCLASS32, .elf_data = ELFDATA2LSB,
	  .qemu_words = qemu_x86, .must_have = "pc-testdev", .may_have = "pci-testdev" },
	{ .name = "arm64", .directory = "arm", PLAIN, .hosts = LIST("aarch64"),
	  .qemu = LIST("qemu-system-aarch64", "qemu-kvm"), .package = "qemu-system-arm",
	  .elf_machine = EM_AARCH64, .elf_class = ELFCLASS64, .elf_data = ELFDATA2LSB,
	  .qemu_words = qemu_arm, STATUS_LINE },
	{ .name = "arm", .directory = "arm", PLAIN, .hosts = LIST("aarch64", "armv7l"),
	  .qemu = LIST("qemu-system-arm", "qemu-system-aarch64"), .package = "qemu-system-arm",
	  .kvm_cpu = "aarch64=off",
	  .elf_machine = EM_ARM, .elf_class = ELFCLASS32, .elf_data = ELFDATA2LSB,
	  .qemu_words = qemu_arm, STATUS_LINE },
	{ .name = "ppc64le", .directory = "powerpc", .suffix = ".elf",
	  .hosts = LIST("ppc64le", "ppc64"),
	  .qemu = LIST("qemu-system-ppc64", "qemu-kvm"), .package = "qemu-system-ppc",
	  .elf_machine = EM_PPC64, .elf_class = ELFCLASS64, .elf_data = ELFDATA2LSB,
	  .qemu_words = qemu_powerpc, STATUS_LINE },
	{ .name = "ppc64", .directory = "powerpc", .suffix = ".elf",
	  .hosts = LIST("ppc64le", "ppc64"),
	  .qemu = LIST("qemu-system-ppc64", "qemu-kvm"), .package = "qemu-system-ppc",
	  .elf_machine = EM_PPC64, .elf_class = ELFCLASS64, .elf_data = ELFDATA2MSB,
	  .qemu_words = qemu_powerpc, STATUS_LINE },
	{ .name = "s390x", .directory = "s390x", .suffix = ".elf", .hosts = LIST("s390x"),
	  .qemu = LIST("qemu-system-s390x", "qemu-kvm"), .package = "qemu-system-misc",
	  .elf_machine = EM_S390, .elf_class = ELFCLASS64, .elf_data = ELFDATA2MSB,
	  .qemu_words = qemu_s390x, .tells_status = true },
	{ .name = "riscv64", .directory = "riscv", PLAIN, .hosts = LIST("riscv64"),
	  .qemu = LIST("qemu-system-riscv64"), .package = "qemu-system-misc",
	  .elf_machine = EM_RISCV, .elf_class = ELFCLASS64, .elf_data = ELFDATA2LSB,
	  .qemu_words = qemu_riscv, .tells_status = true },
	{ .name = "riscv32", .directory = "riscv", PLAIN, .hosts = LIST("riscv32"),
	  .qemu = LIST("qemu-system-riscv32"), .package = "qemu-system-misc",
	  .elf_machine = EM_RISCV, .elf_class = ELFCLASS32, .elf_data = ELFDATA2LSB,
	  .qemu_words = qemu_riscv, .tells_status = true },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static const struct arch *arch_named(const char *name, size_t length)
{
	static const struct {
		const char *other, *name;
	} others[] = {
		{ "amd64", "x86_64" }, { "aarch64", "arm64" }, { "armhf", "arm" },
		{ "ppc64el", "ppc64le" },
	};

	for (size_t i = 0; i < COUNT(others); i++)
		if (str_same(name, length, others[i].other))
			return arch_find(others[i].name);
	for (size_t i = 0; i < COUNT(archs); i++)
		if (str_same(name, length, archs[i].name))
			return &archs[i];
	return NULL;
}

const struct arch *arch_find(const char *name)
{
	size_t length = strcspn(name, "-");
	const char *page = name + length;

	if (*page && strcmp(page, "-4k") && strcmp(page, "-16k") && strcmp(page, "-64k"))
		return NULL;
	return arch_named(name, length);
}

const struct arch *arch_next(const struct arch *arch)
{
	if (!arch)
		return archs;
	return arch + 1 < archs + COUNT(archs) ? arch + 1 : NULL;
}

/* UEFI applications are PE files: at 0x3c, where the header is. */
static const struct arch *arch_of_pe(int fd)
{
	static const struct {
		unsigned int machine;	/* PE format, "Machine Types" */
		const char *arch;
	} machines[] = {
		{ 0x8664, "x86_64" }, { 0x14c, "i386" }, { 0xaa64, "arm64" }, { 0x5064, "riscv64" },
	};
	unsigned char at[4], header[6];

	if (pread(fd, at, sizeof(at), 0x3c) != sizeof(at) ||
	    pread(fd, header, sizeof(header), at[0] | at[1] << 8) != sizeof(header) ||
	    memcmp(header, "PE\0\0", 4))
		return NULL;
	for (size_t i = 0; i < COUNT(machines); i++)
		if (machines[i].machine == (header[4] | (unsigned int)header[5] << 8))
			return arch_find(machines[i].arch);
	return NULL;
}

static const struct arch *arch_of_elf(const unsigned char *header)
{
	unsigned int machine = header[EI_DATA] == ELFDATA2MSB ? header[18] << 8 | header[19] :
			       header[19] << 8 | header[18];

	for (size_t i = 0; i < COUNT(archs); i++)
		if (archs[i].elf_machine == machine && archs[i].elf_class == header[EI_CLASS] &&
		    archs[i].elf_data == header[EI_DATA])
			return &archs[i];
	return NULL;
}

static const struct arch *arch_of_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const struct arch *arch = NULL;
	unsigned char header[20];

	if (fd < 0)
		return NULL;
	if (pread(fd, header, sizeof(header), 0) != sizeof(header))
		arch = NULL;
	else if (!memcmp(header, ELFMAG, SELFMAG))
		arch = arch_of_elf(header);
	else if (!memcmp(header, "MZ", 2))
		arch = arch_of_pe(fd);
	close(fd);
	return arch;
}

/* Whether the file's directory has this name. */
static bool is_in(const char *path, const char *directory)
{
	const char *slash = strrchr(path, '/'), *start;
	size_t length = strlen(directory);

	if (!slash || (size_t)(slash - path) < length)
		return false;
	start = slash - length;
	return !memcmp(start, directory, length) && (start == path || start[-1] == '/');
}

/* Multiboot wants 64-bit images in 32-bit files, which are carried without their .elf. */
static const struct arch *arch_of_loaded(const char *path, const struct arch *own)
{
	const struct arch *arch = arch_of_file(path);
	struct plan plan;
	char why[100];

	if (!arch || arch->elf_machine != EM_386)
		return arch;
	if (plan_read(&plan, path, why, sizeof(why)) == PLAN_OK) {
		if (plan.ours)
			arch = arch_find(plan.word_size == 8 ? "x86_64" : "i386");
		else if (own && !strcmp(own->directory, arch->directory))
			arch = own;
		plan_free(&plan);
	}
	return arch;
}

/* The image may be raw, or ELF in another class for its loader's sake. */
static const struct arch *arch_beside(const char *path, const struct arch *own)
{
	const char *dot = strrchr(path, '.');
	const struct arch *arch = NULL;
	struct buf elf = { 0 };

	if (dot) {
		buf_add(&elf, path, dot - path);
		buf_puts(&elf, ".elf");
		arch = arch_of_file(buf_text(&elf));
		buf_free(&elf);
	}
	return arch ? arch : arch_of_loaded(path, own);
}

char *arch_of_image(const char *path, const char *configured)
{
	const char *build = strstr(path, "build/");
	const struct arch *own = arch_find(configured), *arch;

	while (build) {
		const char *name = build + strlen("build/");
		char *word = mem_text(name, strcspn(name, "/"));

		if (arch_find(word))
			return word;
		free(word);
		build = strstr(name, "build/");
	}
	arch = arch_beside(path, own);
	if (!arch && own && is_in(path, own->directory))
		arch = own;
	for (size_t i = 0; !arch && i < COUNT(archs); i++)
		if (is_in(path, archs[i].directory))
			arch = &archs[i];
	/* The configured one may be of another page size, and is in its own place. */
	return mem_copy(!arch || arch == own ? configured : arch->name);
}

bool arch_runs_here(const struct arch *arch)
{
	struct utsname host;

	if (uname(&host))
		return false;
	for (size_t i = 0; arch->hosts[i]; i++)
		if (!strcmp(arch->hosts[i], host.machine))
			return true;
	return false;
}
