/* SPDX-License-Identifier: BSD-2-Clause */
/* How a host program ends when it cannot go on. */
#ifndef HOST_BASE_DIE_H
#define HOST_BASE_DIE_H

/**
 * die_set_program() - name the program in messages
 * @name: a string that stays; "flatbed" before the first call
 */
void die_set_program(const char *name);

/**
 * die_set_status() - the exit status of die() and die_errno() from now on
 * @status: 2 before the first call
 */
void die_set_status(int status);

/**
 * die() - say why on standard error, on one line, and exit
 * @format: printf()'s; what was tried, on what, why it failed; no newline
 */
void die(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/**
 * die_errno() - die(), with ": " and the text of errno behind the message
 * @format: printf()'s; what was tried and on what
 */
void die_errno(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

#endif
