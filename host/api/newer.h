/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What newer kernels have than the headers that this was built with: numbers and
 * layouts of the kernel's interface, api.rst of Linux 6.8 and later.
 */
#ifndef HOST_API_NEWER_H
#define HOST_API_NEWER_H

#include <linux/kvm.h>
#include <stdint.h>

#ifndef KVM_CAP_USER_MEMORY2
#define KVM_CAP_USER_MEMORY2	231

struct kvm_userspace_memory_region2 {
	uint32_t slot, flags;
	uint64_t guest_phys_addr, memory_size, userspace_addr;
	uint64_t guest_memfd_offset;
	uint32_t guest_memfd, pad1;
	uint64_t pad2[14];
};

#define KVM_SET_USER_MEMORY_REGION2	_IOW(KVMIO, 0x49, struct kvm_userspace_memory_region2)
#endif

#ifndef KVM_CAP_GUEST_MEMFD
#define KVM_CAP_GUEST_MEMFD	234
#define KVM_MEM_GUEST_MEMFD	(1u << 2)

struct kvm_create_guest_memfd {
	uint64_t size, flags;
	uint64_t reserved[6];
};

#define KVM_CREATE_GUEST_MEMFD	_IOWR(KVMIO, 0xd4, struct kvm_create_guest_memfd)
#endif

#ifndef KVM_CAP_GUEST_MEMFD_FLAGS
#define KVM_CAP_GUEST_MEMFD_FLAGS	244
#define GUEST_MEMFD_FLAG_MMAP		(1ull << 0)
#define GUEST_MEMFD_FLAG_INIT_SHARED	(1ull << 1)
#endif

#endif
