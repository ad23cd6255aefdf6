/* SPDX-License-Identifier: BSD-2-Clause */
/* memcpy(), memset(), strlen(): by words or bytes. */
#ifndef ASM_STRING_H
#define ASM_STRING_H

#include <bytes.h>

#endif
