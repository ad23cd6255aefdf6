/* SPDX-License-Identifier: BSD-2-Clause */
/* GDB manual, E.1: "$contents#checksum", acknowledged by '+' unless both agree not to. */
#include "vmm/gdb_link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "vmm/machine.h"

static struct {
	int listener, fd;
	bool no_acks;
	pthread_mutex_t lock;	/* of sending */
	uint8_t in[4096];
	size_t at, length;
} gdb_link = { .listener = -1, .fd = -1, .lock = PTHREAD_MUTEX_INITIALIZER };

static void listen_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		machine_end(NULL, VM_END_ERROR, 0, "--gdb: %s: too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path));
	gdb_link.listener = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "--gdb: socket");
	unlink(path);
	must(bind(gdb_link.listener, (struct sockaddr *)&address, sizeof(address)), path);
	must(listen(gdb_link.listener, 1), path);
	fprintf(stderr, "flatbed: gdb: target remote %s\n", path);
}

/* This host only: whoever can reach the port owns the machine. */
static void listen_tcp(const char *where)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof(address);
	char *end;
	unsigned long port = strtoul(where, &end, 10);
	int on = 1;

	if (*end || port > 65535)
		machine_end(NULL, VM_END_ERROR, 0, "--gdb: %s is neither a port nor a path", where);
	address.sin_port = htons(port);
	gdb_link.listener = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "--gdb: socket");
	setsockopt(gdb_link.listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	must(bind(gdb_link.listener, (struct sockaddr *)&address, sizeof(address)),
	     "--gdb: that port");
	must(listen(gdb_link.listener, 1), "--gdb: listen");
	must(getsockname(gdb_link.listener, (struct sockaddr *)&address, &size), "--gdb: port");
	fprintf(stderr, "flatbed: gdb: target remote localhost:%u\n", ntohs(address.sin_port));
}

void gdb_listen(const char *where)
{
	if (strchr(where, '/'))
		listen_unix(where);
	else
		listen_tcp(where);
}

void gdb_connect(int fd)
{
	gdb_link.fd = fd;
	gdb_link.no_acks = false;
	gdb_link.at = gdb_link.length = 0;
}

void gdb_accept(void)
{
	int on = 1, fd;

	do {
		fd = accept4(gdb_link.listener, NULL, NULL, SOCK_CLOEXEC);
	} while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	must(fd, "--gdb: accept");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	gdb_connect(fd);
}

bool gdb_pending(void)
{
	return gdb_link.at < gdb_link.length;
}

int gdb_fd(void)
{
	return gdb_link.fd;
}

void gdb_drop(void)
{
	pthread_mutex_lock(&gdb_link.lock);
	if (gdb_link.fd >= 0)
		close(gdb_link.fd);
	gdb_link.fd = -1;
	pthread_mutex_unlock(&gdb_link.lock);
}

static int byte_get(void)
{
	while (gdb_link.at == gdb_link.length) {
		ssize_t got = read(gdb_link.fd, gdb_link.in, sizeof(gdb_link.in));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		gdb_link.at = 0;
		gdb_link.length = got;
	}
	return gdb_link.in[gdb_link.at++];
}

static void raw_send(const char *bytes, size_t size)
{
	while (size && gdb_link.fd >= 0) {
		ssize_t sent = send(gdb_link.fd, bytes, size, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return;		/* gdb_receive() will see that it has gone */
		bytes += sent;
		size -= sent;
	}
}

static int digit(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
		c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Behind '$': contents, '#', two digits.  -1: gone; -2: damaged. */
static int body_get(char *packet)
{
	int length = 0, sum = 0, c, high, low;

	while ((c = byte_get()) >= 0 && c != '#') {
		sum += c;
		if (c == '}') {
			c = byte_get();
			if (c < 0)
				return -1;
			sum += c;
			c ^= 0x20;
		}
		if (length < GDB_PACKET_MAX)
			packet[length] = c;
		length++;
	}
	if (c < 0 || (high = byte_get()) < 0 || (low = byte_get()) < 0)
		return -1;
	if (length > GDB_PACKET_MAX || digit(high) < 0 || digit(low) < 0 ||
	    (digit(high) << 4 | digit(low)) != (sum & 0xff))
		return -2;
	packet[length] = '\0';
	return length;
}

int gdb_receive(char *packet)
{
	for (;;) {
		int c = byte_get(), length;

		if (c < 0)
			return -1;
		if (c == GDB_INTERRUPT) {
			packet[0] = c;
			packet[1] = '\0';
			return 1;
		}
		if (c != '$')
			continue;	/* acknowledgements, and what nobody meant */
		length = body_get(packet);
		if (length == -1)
			return -1;
		if (!gdb_link.no_acks)
			raw_send(length < 0 ? "-" : "+", 1);
		if (length >= 0)
			return length;
	}
}

void gdb_send(const char *bytes, size_t size)
{
	struct buf out = { 0 };
	unsigned int sum = 0;

	buf_puts(&out, "$");
	for (size_t i = 0; i < size; i++) {
		char c = bytes[i];

		if (c == '$' || c == '#' || c == '}' || c == '*') {
			sum += '}';
			buf_puts(&out, "}");
			c ^= 0x20;
		}
		sum += (uint8_t)c;
		buf_add(&out, &c, 1);
	}
	buf_printf(&out, "#%02x", sum & 0xff);
	pthread_mutex_lock(&gdb_link.lock);
	raw_send(out.data, out.length);
	pthread_mutex_unlock(&gdb_link.lock);
	buf_free(&out);
}

void gdb_send_text(const char *format, ...)
{
	char text[512];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	gdb_send(text, length < (int)sizeof(text) ? length : (int)sizeof(text) - 1);
}

void gdb_no_acks(void)
{
	gdb_link.no_acks = true;
}

void hex_add(struct buf *to, const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		buf_printf(to, "%02x", ((const uint8_t *)bytes)[i]);
}

bool hex_number(const char **at, char end, uint64_t *value)
{
	const char *begin = *at;

	for (*value = 0; digit(**at) >= 0; (*at)++) {
		if (*value >> 60)
			return false;
		*value = *value << 4 | digit(**at);
	}
	if (*at == begin || **at != end)
		return false;
	*at += end != '\0';
	return true;
}

bool hex_bytes(const char *text, void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		int high = digit(text[2 * i]), low = high < 0 ? -1 : digit(text[2 * i + 1]);

		if (low < 0)
			return false;
		((uint8_t *)bytes)[i] = high << 4 | low;
	}
	return true;
}
