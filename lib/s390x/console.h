/* SPDX-License-Identifier: BSD-2-Clause */
/* Text as the machine writes it. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <base.h>

/**
 * to_ebcdic(), from_ebcdic() - between ASCII and EBCDIC 037; a blank, or a dot, where
 * there is no such character
 */
u8 to_ebcdic(char c);
char from_ebcdic(u8 code);

/**
 * console_begin() - tell SCLP anew what we send: a reset makes it forget that
 */
void console_begin(void);

#endif
