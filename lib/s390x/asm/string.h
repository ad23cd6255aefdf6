/* SPDX-License-Identifier: BSD-2-Clause */
/* memcpy() and memset(): by words. */
#ifndef ASM_STRING_H
#define ASM_STRING_H

#include <bytes.h>

#endif
