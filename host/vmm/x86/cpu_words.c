/* SPDX-License-Identifier: BSD-2-Clause */
/* Features of CPUID by QEMU's names (SDM 2A, CPUID; APM 3, appendix E; KVM's cpuid.rst). */
#include <string.h>

#include "defs/cpuid.h"
#include "vmm/vm.h"
#include "vmm/x86/cpu_model.h"

const struct cpu_feature cpu_features[] = {
#define L1C(n) CPUID_BIT(1, 0, CPUID_ECX, n)
#define L1D(n) CPUID_BIT(1, 0, CPUID_EDX, n)
#define L6A(n) CPUID_BIT(6, 0, CPUID_EAX, n)
#define L7B(n) CPUID_BIT(7, 0, CPUID_EBX, n)
#define L7C(n) CPUID_BIT(7, 0, CPUID_ECX, n)
#define L7D(n) CPUID_BIT(7, 0, CPUID_EDX, n)
#define L71(n) CPUID_BIT(7, 1, CPUID_EAX, n)
#define XS(n) CPUID_BIT(0xd, 1, CPUID_EAX, n)
#define KVM(n) CPUID_BIT(0x40000001u, 0, CPUID_EAX, n)
#define E1C(n) CPUID_BIT(0x80000001u, 0, CPUID_ECX, n)
#define E1D(n) CPUID_BIT(0x80000001u, 0, CPUID_EDX, n)
#define E7D(n) CPUID_BIT(0x80000007u, 0, CPUID_EDX, n)
#define E8B(n) CPUID_BIT(0x80000008u, 0, CPUID_EBX, n)
#define EAD(n) CPUID_BIT(0x8000000au, 0, CPUID_EDX, n)
	{ "pni", L1C(0) }, { "sse3", L1C(0) }, { "pclmulqdq", L1C(1) },
	{ "pclmuldq", L1C(1) }, { "dtes64", L1C(2) }, { "monitor", L1C(3) },
	{ "ds-cpl", L1C(4) }, { "vmx", L1C(5) }, { "smx", L1C(6) },
	{ "est", L1C(7) }, { "tm2", L1C(8) }, { "ssse3", L1C(9) },
	{ "cid", L1C(10) }, { "fma", L1C(12) }, { "cx16", L1C(13) },
	{ "xtpr", L1C(14) }, { "pdcm", L1C(15) }, { "pcid", L1C(17) },
	{ "dca", L1C(18) }, { "sse4.1", L1C(19) }, { "sse4.2", L1C(20) },
	{ "x2apic", L1C(21) }, { "movbe", L1C(22) }, { "popcnt", L1C(23) },
	{ "tsc-deadline", L1C(24) }, { "aes", L1C(25) }, { "xsave", L1C(26) },
	{ "avx", L1C(28) }, { "f16c", L1C(29) }, { "rdrand", L1C(30) },
	{ "hypervisor", L1C(31) },
	{ "fpu", L1D(0) }, { "vme", L1D(1) }, { "de", L1D(2) },
	{ "pse", L1D(3) }, { "tsc", L1D(4) }, { "msr", L1D(5) },
	{ "pae", L1D(6) }, { "mce", L1D(7) }, { "cx8", L1D(8) },
	{ "apic", L1D(9) }, { "sep", L1D(11) }, { "mtrr", L1D(12) },
	{ "pge", L1D(13) }, { "mca", L1D(14) }, { "cmov", L1D(15) },
	{ "pat", L1D(16) }, { "pse36", L1D(17) }, { "pn", L1D(18) },
	{ "clflush", L1D(19) }, { "ds", L1D(21) }, { "acpi", L1D(22) },
	{ "mmx", L1D(23) }, { "fxsr", L1D(24) }, { "sse", L1D(25) },
	{ "sse2", L1D(26) }, { "ss", L1D(27) }, { "ht", L1D(28) },
	{ "tm", L1D(29) }, { "ia64", L1D(30) }, { "pbe", L1D(31) },
	{ "arat", L6A(2) },
	{ "fsgsbase", L7B(0) }, { "tsc-adjust", L7B(1) }, { "sgx", L7B(2) },
	{ "bmi1", L7B(3) }, { "hle", L7B(4) }, { "avx2", L7B(5) },
	{ "smep", L7B(7) }, { "bmi2", L7B(8) }, { "erms", L7B(9) },
	{ "invpcid", L7B(10) }, { "rtm", L7B(11) }, { "mpx", L7B(14) },
	{ "avx512f", L7B(16) }, { "avx512dq", L7B(17) }, { "rdseed", L7B(18) },
	{ "adx", L7B(19) }, { "smap", L7B(20) }, { "avx512ifma", L7B(21) },
	{ "pcommit", L7B(22) }, { "clflushopt", L7B(23) }, { "clwb", L7B(24) },
	{ "intel-pt", L7B(25) }, { "avx512pf", L7B(26) },
	{ "avx512er", L7B(27) }, { "avx512cd", L7B(28) }, { "sha-ni", L7B(29) },
	{ "avx512bw", L7B(30) }, { "avx512vl", L7B(31) },
	{ "avx512vbmi", L7C(1) }, { "umip", L7C(2) }, { "pku", L7C(3) },
	{ "waitpkg", L7C(5) }, { "avx512vbmi2", L7C(6) }, { "shstk", L7C(7) },
	{ "gfni", L7C(8) }, { "vaes", L7C(9) }, { "vpclmulqdq", L7C(10) },
	{ "avx512vnni", L7C(11) }, { "avx512bitalg", L7C(12) },
	{ "avx512-vpopcntdq", L7C(14) }, { "la57", L7C(16) },
	{ "rdpid", L7C(22) }, { "bus-lock-detect", L7C(24) },
	{ "cldemote", L7C(25) }, { "movdiri", L7C(27) },
	{ "movdir64b", L7C(28) }, { "sgxlc", L7C(30) }, { "pks", L7C(31) },
	{ "avx512-4vnniw", L7D(2) }, { "avx512-4fmaps", L7D(3) },
	{ "fsrm", L7D(4) }, { "avx512-vp2intersect", L7D(8) },
	{ "md-clear", L7D(10) }, { "serialize", L7D(14) },
	{ "tsx-ldtrk", L7D(16) }, { "arch-lbr", L7D(19) }, { "ibt", L7D(20) },
	{ "amx-bf16", L7D(22) }, { "avx512-fp16", L7D(23) },
	{ "amx-tile", L7D(24) }, { "amx-int8", L7D(25) },
	{ "spec-ctrl", L7D(26) }, { "stibp", L7D(27) },
	{ "flush-l1d", L7D(28) }, { "arch-capabilities", L7D(29) },
	{ "core-capability", L7D(30) }, { "ssbd", L7D(31) },
	{ "avx-vnni", L71(4) }, { "avx512-bf16", L71(5) }, { "lass", L71(6) },
	{ "cmpccxadd", L71(7) }, { "fzrm", L71(10) }, { "fsrs", L71(11) },
	{ "fsrc", L71(12) }, { "fred", L71(17) }, { "lkgs", L71(18) },
	{ "wrmsrns", L71(19) }, { "amx-fp16", L71(21) },
	{ "avx-ifma", L71(23) }, { "lam", L71(26) },
	{ "xsaveopt", XS(0) }, { "xsavec", XS(1) }, { "xgetbv1", XS(2) },
	{ "xsaves", XS(3) }, { "xfd", XS(4) },
	{ "kvmclock", KVM(0) }, { "kvmclock", KVM(3) },
	{ "kvm-nopiodelay", KVM(1) }, { "kvm-mmu", KVM(2) },
	{ "kvm-asyncpf", KVM(4) }, { "kvm-steal-time", KVM(5) },
	{ "kvm-pv-eoi", KVM(6) }, { "kvm-pv-unhalt", KVM(7) },
	{ "kvm-pv-tlb-flush", KVM(9) }, { "kvm-asyncpf-vmexit", KVM(10) },
	{ "kvm-pv-ipi", KVM(11) }, { "kvm-poll-control", KVM(12) },
	{ "kvm-pv-sched-yield", KVM(13) }, { "kvm-asyncpf-int", KVM(14) },
	{ "kvm-msi-ext-dest-id", KVM(15) }, { "kvmclock-stable-bit", KVM(24) },
	{ "lahf-lm", E1C(0) }, { "cmp-legacy", E1C(1) }, { "svm", E1C(2) },
	{ "extapic", E1C(3) }, { "cr8legacy", E1C(4) }, { "abm", E1C(5) },
	{ "sse4a", E1C(6) }, { "misalignsse", E1C(7) },
	{ "3dnowprefetch", E1C(8) }, { "osvw", E1C(9) }, { "ibs", E1C(10) },
	{ "xop", E1C(11) }, { "skinit", E1C(12) }, { "wdt", E1C(13) },
	{ "lwp", E1C(15) }, { "fma4", E1C(16) }, { "tce", E1C(17) },
	{ "nodeid-msr", E1C(19) }, { "tbm", E1C(21) }, { "topoext", E1C(22) },
	{ "perfctr-core", E1C(23) }, { "perfctr-nb", E1C(24) },
	{ "syscall", E1D(11) }, { "nx", E1D(20) }, { "xd", E1D(20) },
	{ "mmxext", E1D(22) }, { "fxsr-opt", E1D(25) }, { "ffxsr", E1D(25) },
	{ "pdpe1gb", E1D(26) }, { "rdtscp", E1D(27) }, { "lm", E1D(29) },
	{ "i64", E1D(29) }, { "3dnowext", E1D(30) }, { "3dnow", E1D(31) },
	{ "invtsc", E7D(8) },
	{ "clzero", E8B(0) }, { "xsaveerptr", E8B(2) }, { "rdpru", E8B(4) },
	{ "wbnoinvd", E8B(9) }, { "ibpb", E8B(12) }, { "ibrs", E8B(14) },
	{ "amd-stibp", E8B(15) }, { "stibp-always-on", E8B(17) },
	{ "amd-ssbd", E8B(24) }, { "virt-ssbd", E8B(25) },
	{ "amd-no-ssb", E8B(26) }, { "amd-psfd", E8B(28) },
	{ "npt", EAD(0) }, { "lbrv", EAD(1) }, { "svm-lock", EAD(2) },
	{ "nrip-save", EAD(3) }, { "tsc-scale", EAD(4) },
	{ "vmcb-clean", EAD(5) }, { "flushbyasid", EAD(6) },
	{ "decodeassists", EAD(7) }, { "pause-filter", EAD(10) },
	{ "pfthreshold", EAD(12) }, { "avic", EAD(13) },
	{ "v-vmsave-vmload", EAD(15) }, { "vgif", EAD(16) },
	{ "vnmi", EAD(25) }, { "svme-addr-chk", EAD(28) },
#undef L1C
#undef L1D
#undef L6A
#undef L7B
#undef L7C
#undef L7D
#undef L71
#undef XS
#undef KVM
#undef E1C
#undef E1D
#undef E7D
#undef E8B
#undef EAD
};

const unsigned int cpu_feature_count = sizeof(cpu_features) / sizeof(*cpu_features);

static char letter(char c)
{
	return c == '_' || c == '.' ? '-' : c;
}

bool cpu_name_same(const char *word, size_t length, const char *name)
{
	size_t at;

	for (at = 0; at < length && name[at]; at++)
		if (letter(word[at]) != letter(name[at]))
			return false;
	return at == length && !name[at];
}

unsigned int cpu_feature_find(const char *name, size_t length, unsigned int from)
{
	while (from < cpu_feature_count &&
	       !cpu_name_same(name, length, cpu_features[from].name))
		from++;
	return from;
}

bool vm_cpu_feature(const char *name, size_t length, struct vm_cpuid_bit *where)
{
	unsigned int n = cpu_feature_find(name, length, 0);
	uint32_t bit;

	if (n == cpu_feature_count)
		return false;
	bit = cpu_features[n].bit;
	*where = (struct vm_cpuid_bit){
		CPUID_FEATURE_LEAF(bit), CPUID_FEATURE_SUBLEAF(bit),
		CPUID_FEATURE_REG(bit), CPUID_FEATURE_BIT(bit),
	};
	return true;
}
