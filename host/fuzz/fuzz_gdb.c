/* SPDX-License-Identifier: BSD-2-Clause */
/* What a debugger may send: packets whose sums are right, mostly, and anything else. */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "fuzz/fake.h"
#include "vmm/gdb.h"
#include "vmm/gdb_link.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct vm_config config = {
		.image = "x86/none.flat", .cpus = 3, .memory = 1 << 20,
	};

	(void)argc;
	(void)argv;
	fake_machine(&config);
	gdb_init();
	return 0;
}

static void packet_add(struct buf *to, const char *bytes, size_t size)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += (uint8_t)bytes[i];
	buf_puts(to, "$");
	buf_add(to, bytes, size);
	buf_printf(to, "#%02x", sum & 0xff);
}

/* Packets end at newlines; a line that begins with a blank is sent as it is. */
static void stream_make(struct buf *to, const char *data, size_t size)
{
	while (size) {
		const char *end = memchr(data, '\n', size);
		size_t length = end ? (size_t)(end - data) : size;

		if (length && *data == ' ')
			buf_add(to, data + 1, length - 1);
		else
			packet_add(to, data, length);
		data += length + (end != NULL);
		size -= length + (end != NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf stream = { 0 };
	char answers[65536];
	int ends[2];

	fake_reset();
	fake_breakpoints = size % 2;
	stream_make(&stream, (const char *)data, size);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		return 0;
	/* All of it fits into the socket's buffer. */
	if (stream.length && write(ends[1], stream.data, stream.length) < 0)
		stream.length = 0;
	shutdown(ends[1], SHUT_WR);
	/* Nobody takes the answers meanwhile. */
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	gdb_connect(ends[0]);
	if (!FAKE_TRY(gdb_serve()))
		gdb_drop();
	while (recv(ends[1], answers, sizeof(answers), MSG_DONTWAIT) > 0)
		;
	close(ends[1]);
	buf_free(&stream);
	return 0;
}
