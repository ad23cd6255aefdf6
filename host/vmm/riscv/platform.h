/* SPDX-License-Identifier: BSD-2-Clause */
/* What riscv64's machines share among their own files. */
#ifndef HOST_VMM_RISCV_PLATFORM_H
#define HOST_VMM_RISCV_PLATFORM_H

#include <linux/kvm.h>

#include "vmm/one_reg.h"

#define RISCV_REG(type)		(KVM_REG_RISCV | KVM_REG_SIZE_U64 | KVM_REG_RISCV_##type)
#define CONFIG_REG(name)	(RISCV_REG(CONFIG) | KVM_REG_RISCV_CONFIG_REG(name))
#define CORE_REG(name)		(RISCV_REG(CORE) | KVM_REG_RISCV_CORE_REG(name))
#define CSR_REG(name)		(RISCV_REG(CSR) | KVM_REG_RISCV_CSR_REG(name))
#define TIMER_REG(name)		(RISCV_REG(TIMER) | KVM_REG_RISCV_TIMER_REG(name))

#endif
