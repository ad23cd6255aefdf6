/* SPDX-License-Identifier: BSD-2-Clause */
/* Named models, each as what it adds to another; facts as QEMU 7.2 tells them by QMP. */
#include <string.h>

#include "base/str.h"
#include "vmm/x86/cpu_model.h"

static const struct cpu_named models[] = {
	{ .name = "max" },
	{ .name = "host" },
	{ "base", NULL, "", 0, 1, 0x80000000, NULL },
	{ "qemu32", NULL, "pni hypervisor fpu de pse tsc msr pae mce cx8 apic sep pge cmov "
	  "pat mmx fxsr sse sse2",
	  0x663, 0x4, 0x80000004, "QEMU Virtual CPU version 2.5+" },
	{ "qemu64", "qemu32", "cx16 mtrr mca pse36 clflush lahf-lm svm syscall nx lm",
	  0x60fb1, 0xd, 0x8000000a, NULL },
	{ "kvm32", "qemu32", "mtrr mca pse36 clflush",
	  0xf61, 0x5, 0x80000008, "Common 32-bit KVM processor" },
	{ "kvm64", "qemu64", "-lahf-lm -svm",
	  0xf61, 0xd, 0x80000008, "Common KVM processor" },
	{ "Conroe", "kvm64", "ssse3 lahf-lm -cx16",
	  0x6f3, 0xa, 0, "Intel Celeron_4x0 (Conroe/Merom Class Core 2)" },
	{ "core2duo", "Conroe", "monitor cx16 acpi ss",
	  0x6fb, 0, 0, "Intel(R) Core(TM)2 Duo CPU     T7700  @ 2.40GHz" },
	{ "Penryn", "Conroe", "cx16 sse4.1",
	  0x10673, 0, 0, "Intel Core 2 Duo P9xxx (Penryn Class Core 2)" },
	{ "Nehalem", "Penryn", "sse4.2 popcnt",
	  0x106a3, 0xb, 0, "Intel Core i7 9xx (Nehalem Class Core i7)" },
	{ "Westmere", "Nehalem", "pclmulqdq aes arat",
	  0x206c1, 0, 0, "Westmere E56xx/L56xx/X56xx (Nehalem-C)" },
	{ "SandyBridge", "Westmere", "x2apic tsc-deadline xsave avx xsaveopt rdtscp",
	  0x206a1, 0xd, 0, "Intel Xeon E312xx (Sandy Bridge)" },
	{ "IvyBridge", "SandyBridge", "f16c rdrand fsgsbase smep erms",
	  0x306a9, 0, 0, "Intel Xeon E3-12xx v2 (Ivy Bridge)" },
	{ "Haswell", "IvyBridge", "fma pcid movbe bmi1 hle avx2 bmi2 invpcid rtm abm",
	  0x306c4, 0, 0, "Intel Core Processor (Haswell)" },
	{ "Broadwell", "Haswell", "rdseed adx smap 3dnowprefetch",
	  0x306d2, 0, 0, "Intel Core Processor (Broadwell)" },
	{ "Skylake-Client", "Broadwell", "xsavec xgetbv1",
	  0x506e3, 0, 0, "Intel Core Processor (Skylake)" },
	{ "Skylake-Server", "Skylake-Client",
	  "avx512f avx512dq clflushopt clwb avx512cd avx512bw avx512vl pku pdpe1gb",
	  0x50654, 0, 0, "Intel Xeon Processor (Skylake)" },
	{ "Cascadelake-Server", "Skylake-Server", "avx512vnni spec-ctrl ssbd",
	  0x50656, 0, 0, "Intel Xeon Processor (Cascadelake)" },
	{ "Cooperlake", "Cascadelake-Server", "stibp arch-capabilities avx512-bf16",
	  0x5065a, 0, 0, "Intel Xeon Processor (Cooperlake)" },
	{ "Icelake-Server", "Cascadelake-Server",
	  "avx512vbmi umip avx512vbmi2 gfni vaes vpclmulqdq avx512bitalg "
	  "avx512-vpopcntdq la57 wbnoinvd",
	  0x80660, 0, 0, "Intel Xeon Processor (Icelake)" },
	{ "Denverton", "Skylake-Client",
	  "monitor mpx clflushopt sha-ni spec-ctrl arch-capabilities ssbd pdpe1gb "
	  "-fma -pcid -avx -f16c -bmi1 -hle -avx2 -bmi2 -invpcid -rtm -adx -abm",
	  0x506f1, 0x15, 0, "Intel Atom Processor (Denverton)" },
	{ "Snowridge", "Denverton",
	  "clwb umip gfni cldemote movdiri movdir64b core-capability",
	  0x80661, 0x1b, 0, "Intel Atom Processor (SnowRidge)" },
	{ "Opteron_G1", "qemu64", "-cx16 -lahf-lm -svm",
	  0xf61, 0x5, 0x80000008, "AMD Opteron 240 (Gen 1 Class Opteron)" },
	{ "Opteron_G2", "Opteron_G1", "cx16 lahf-lm svm",
	  0xf61, 0, 0x8000000a, "AMD Opteron 22xx (Gen 2 Class Opteron)" },
	{ "Opteron_G3", "Opteron_G2", "monitor popcnt abm sse4a misalignsse rdtscp",
	  0x100f23, 0, 0, "AMD Opteron 23xx (Gen 3 Class Opteron)" },
	{ "Opteron_G4", "Opteron_G3",
	  "pclmulqdq ssse3 sse4.1 sse4.2 aes xsave avx 3dnowprefetch xop fma4 pdpe1gb "
	  "npt nrip-save -monitor",
	  0x600f12, 0xd, 0x8000001a, "AMD Opteron 62xx class CPU" },
	{ "Opteron_G5", "Opteron_G4", "fma f16c tbm",
	  0x600f20, 0, 0, "AMD Opteron 63xx class CPU" },
	{ "EPYC", "Opteron_G5",
	  "monitor movbe rdrand arat fsgsbase bmi1 avx2 smep bmi2 rdseed adx smap "
	  "clflushopt sha-ni xsaveopt xsavec xgetbv1 cr8legacy osvw topoext mmxext "
	  "fxsr-opt -xop -fma4 -tbm",
	  0x800f12, 0, 0x8000001e, "AMD EPYC Processor" },
	{ "EPYC-Rome", "EPYC",
	  "clwb umip rdpid xsaves perfctr-core clzero xsaveerptr wbnoinvd ibpb amd-stibp",
	  0x830f10, 0, 0, "AMD EPYC-Rome Processor" },
	{ "EPYC-Milan", "EPYC-Rome",
	  "pcid erms invpcid pku fsrm ibrs amd-ssbd svme-addr-chk",
	  0xa00f11, 0, 0, "AMD EPYC-Milan Processor" },
};

const struct cpu_named *cpu_named_find(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(models) / sizeof(*models); i++)
		if (str_same(name, length, models[i].name))
			return &models[i];
	return NULL;
}

void cpu_named_each(const struct cpu_named *model,
		    void (*take)(void *context, const char *word, size_t length),
		    void *context)
{
	const char *rest = model->features, *word;
	size_t length;

	if (model->like)
		cpu_named_each(cpu_named_find(model->like, strlen(model->like)), take,
			       context);
	while (rest && (word = str_word(&rest, " ", &length)))
		take(context, word, length);
}
