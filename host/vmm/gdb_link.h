/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets of gdb's remote serial protocol over a socket. */
#ifndef HOST_VMM_GDB_LINK_H
#define HOST_VMM_GDB_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define GDB_PACKET_MAX	16384	/* bytes of a packet's contents */
#define GDB_INTERRUPT	0x03	/* comes without a packet around it */

/**
 * gdb_listen() - open the socket and say where it is
 * @where: a port number, 0 for any; or a path, with a slash in it, of a Unix socket
 *
 * The machine ends if that cannot be had.
 */
void gdb_listen(const char *where);

/**
 * gdb_accept() - wait for a debugger to connect
 */
void gdb_accept(void);

/**
 * gdb_fd() - the connection's descriptor, -1 if there is none
 */
int gdb_fd(void);

/**
 * gdb_connect() - the debugger is at the other end of this socket
 */
void gdb_connect(int fd);

/**
 * gdb_pending() - has something arrived that the descriptor does not show any more?
 */
bool gdb_pending(void);

/**
 * gdb_drop() - close the connection
 */
void gdb_drop(void);

/**
 * gdb_receive() - the next packet
 * @packet: its contents, terminated, with escapes undone; GDB_PACKET_MAX + 1 bytes
 *
 * Returns its length; an interrupt is a packet of this one byte.  -1 means that the
 * debugger has gone.
 */
int gdb_receive(char *packet);

/**
 * gdb_send() - send a packet
 * @bytes: contents, escaped as needed
 * @size: how many
 *
 * Any thread may; packets do not mix.
 */
void gdb_send(const char *bytes, size_t size);

/**
 * gdb_send_text() - the same, of a formatted text
 */
void gdb_send_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * gdb_no_acks() - from now on, packets are not acknowledged
 */
void gdb_no_acks(void);

/**
 * hex_add() - append bytes as hexadecimal digits
 */
void hex_add(struct buf *to, const void *bytes, size_t size);

/**
 * hex_number() - a number in hexadecimal, and behind it the character that ends it
 * @at: moved behind both
 * @end: what must follow; 0 for the text's end
 * @value: set to it
 *
 * Returns false if there is no number, it is too large, or something else follows.
 */
bool hex_number(const char **at, char end, uint64_t *value);

/**
 * hex_bytes() - read hexadecimal digits
 * @text: exactly 2 * @size of them
 *
 * Returns false if there are fewer.
 */
bool hex_bytes(const char *text, void *bytes, size_t size);

#endif
