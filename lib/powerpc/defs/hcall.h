/* SPDX-License-Identifier: BSD-2-Clause */
/* Hypervisor calls (LoPAPR 1.1, 14; the rest: Linux, Power ISA 3.0 additions). */
#ifndef DEFS_HCALL_H
#define DEFS_HCALL_H

#define H_SUCCESS	0
#define H_HARDWARE	(-1)
#define H_FUNCTION	(-2)
#define H_PRIVILEGE	(-3)
#define H_PARAMETER	(-4)

#define H_SET_SPRG0	0x24
#define H_SET_DABR	0x28
#define H_PAGE_INIT	0x2c
#define H_GET_TERM_CHAR	0x54
#define H_PUT_TERM_CHAR	0x58
#define H_EOI		0x64
#define H_CPPR		0x68
#define H_IPI		0x6c
#define H_XIRR		0x74
#define H_REGISTER_VPA	0xdc
#define H_CEDE		0xe0
#define H_CONFER	0xe4
#define H_PROD		0xe8
#define H_RANDOM	0x300
#define H_SET_MODE	0x31c
#define H_REGISTER_PROCESS_TABLE 0x37c
#define H_RTAS		0xf000

/* H_SET_MODE: the resource that is the order of bytes of interrupts. */
#define H_SET_MODE_ILE	4

#endif
