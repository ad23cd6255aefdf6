/* SPDX-License-Identifier: BSD-2-Clause */
/* Which architecture an image is for. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "runner/arch.h"

static char folder[] = "/tmp/arch-XXXXXX";

static void names(void **state)
{
	unsigned int count = 0;

	(void)state;
	for (const struct arch *arch = arch_next(NULL); arch; arch = arch_next(arch)) {
		assert_ptr_equal(arch_find(arch->name), arch);
		assert_non_null(arch->qemu[0]);
		assert_non_null(arch->hosts[0]);
		count++;
	}
	assert_int_equal(count, 9);
	assert_string_equal(arch_find("aarch64")->name, "arm64");
	assert_string_equal(arch_find("amd64")->name, "x86_64");
	assert_string_equal(arch_find("arm64-64k")->name, "arm64");
	assert_null(arch_find("arm64-8k"));
	assert_null(arch_find("arm6"));
	assert_null(arch_find("sparc64"));
	assert_null(arch_find(""));
}

static void file_write(const char *name, unsigned char class, unsigned char data,
		       unsigned int machine)
{
	unsigned char header[64] = ELFMAG;
	char path[100];
	FILE *file;

	header[EI_CLASS] = class;
	header[EI_DATA] = data;
	header[18] = data == ELFDATA2MSB ? machine >> 8 : machine & 0xff;
	header[19] = data == ELFDATA2MSB ? machine & 0xff : machine >> 8;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	/* Class 0: something raw. */
	fwrite(class ? header : (unsigned char *)"raw raw raw raw raw raw raw", 1, 24, file);
	fclose(file);
}

/* UEFI's: as every PE file begins. */
static void pe_write(const char *name, unsigned int machine)
{
	unsigned char header[0x80] = "MZ";
	char path[100];
	FILE *file;

	header[0x3c] = 0x70;
	memcpy(header + 0x70, "PE", 2);
	header[0x74] = machine & 0xff;
	header[0x75] = machine >> 8;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fwrite(header, 1, sizeof(header), file);
	fclose(file);
}

static void assert_arch(const char *name, const char *configured, const char *wanted)
{
	char path[100], *arch;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	arch = arch_of_image(path, configured);
	if (strcmp(arch, wanted))
		fail_msg("%s is for %s, not %s", name, arch, wanted);
	free(arch);
}

static void images(void **state)
{
	char command[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(command, sizeof(command), "mkdir %s/arm %s/x86", folder, folder);
	assert_int_equal(system(command), 0);
	file_write("arm/raw.flat", 0, 0, 0);
	file_write("arm/wide.flat", 0, 0, 0);
	file_write("arm/wide.elf", ELFCLASS64, ELFDATA2LSB, EM_AARCH64);
	file_write("big.elf", ELFCLASS64, ELFDATA2MSB, EM_PPC64);
	file_write("little.elf", ELFCLASS64, ELFDATA2LSB, EM_PPC64);
	file_write("z.elf", ELFCLASS64, ELFDATA2MSB, EM_S390);
	file_write("v.elf", ELFCLASS32, ELFDATA2LSB, EM_RISCV);
	file_write("alien.elf", ELFCLASS64, ELFDATA2LSB, EM_SPARCV9);
	/* 64-bit code in a 32-bit file, as multiboot wants it. */
	file_write("x86/a.flat", ELFCLASS32, ELFDATA2LSB, EM_386);
	file_write("x86/a.elf", ELFCLASS64, ELFDATA2LSB, EM_X86_64);
	/* The same where it was carried to, without the other. */
	file_write("x86/carried.flat", ELFCLASS32, ELFDATA2LSB, EM_386);

	file_write("carried.flat", ELFCLASS32, ELFDATA2LSB, EM_386);
	pe_write("x86/a.efi", 0xaa64);
	pe_write("b.efi", 0x8664);
	pe_write("c.efi", 0x1234);

	assert_arch("x86/a.efi", "x86_64", "x86_64");
	assert_arch("b.efi", "arm64", "x86_64");
	assert_arch("c.efi", "arm64", "arm64");
	assert_arch("arm/raw.flat", "x86_64", "arm64");
	assert_arch("arm/raw.flat", "arm", "arm");
	assert_arch("arm/wide.flat", "arm", "arm64");
	assert_arch("big.elf", "x86_64", "ppc64");
	assert_arch("little.elf", "x86_64", "ppc64le");
	assert_arch("z.elf", "x86_64", "s390x");
	assert_arch("v.elf", "x86_64", "riscv32");
	assert_arch("alien.elf", "x86_64", "x86_64");
	assert_arch("x86/a.flat", "x86_64", "x86_64");
	assert_arch("x86/carried.flat", "x86_64", "x86_64");
	assert_arch("x86/carried.flat", "i386", "i386");
	assert_arch("carried.flat", "x86_64", "x86_64");
	assert_arch("carried.flat", "i386", "i386");
	assert_arch("carried.flat", "arm64", "i386");
	assert_arch("nothing", "s390x", "s390x");
	assert_arch("build/arm64-64k/arm/a.flat", "x86_64", "arm64-64k");
	assert_arch("build/build/i386/x86/a.flat", "x86_64", "i386");
	assert_arch("arm/wide.flat", "arm64-64k", "arm64-64k");
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest unit_tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(images),
	};

	return cmocka_run_group_tests(unit_tests, NULL, NULL);
}
