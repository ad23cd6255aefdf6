/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's machine protocol. */
#include "runner/qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner/words.h"

bool qmp_open(struct qmp *qmp, struct words *argv, int *theirs)
{
	int ends[2];
	char option[64];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return false;
	*qmp = (struct qmp){ .fd = ends[0] };
	*theirs = ends[1];
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	snprintf(option, sizeof(option), "socket,id=flatbed,fd=%d", ends[1]);
	words_add(argv, "-chardev");
	words_add(argv, option);
	words_add(argv, "-mon");
	words_add(argv, "chardev=flatbed,mode=control");
	/* It is read once QEMU has said hello. */
	return qmp_send(qmp, "{\"execute\":\"qmp_capabilities\"}");
}

bool qmp_send(struct qmp *qmp, const char *command)
{
	size_t length = strlen(command);

	return send(qmp->fd, command, length, MSG_NOSIGNAL) == (ssize_t)length;
}

bool qmp_send_file(struct qmp *qmp, int fd, const char *name)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	char command[120];
	struct iovec part = { .iov_base = command };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	part.iov_len = snprintf(command, sizeof(command),
				"{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"%s\"}}", name);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	return sendmsg(qmp->fd, &message, MSG_NOSIGNAL) == (ssize_t)part.iov_len;
}

char *qmp_line(struct qmp *qmp)
{
	char chunk[4096], *newline, *line;
	size_t length;
	ssize_t got;

	while (qmp->fd >= 0 && (got = recv(qmp->fd, chunk, sizeof(chunk), 0)) > 0)
		buf_add(&qmp->text, chunk, got);
	if (!qmp->text.length)
		return NULL;
	newline = memchr(qmp->text.data, '\n', qmp->text.length);
	if (!newline)
		return NULL;
	length = newline - qmp->text.data;
	line = mem_text(qmp->text.data, length);
	memmove(qmp->text.data, newline + 1, qmp->text.length - length - 1);
	qmp->text.length -= length + 1;
	return line;
}

bool qmp_member(const char *line, const char *name, char *out, size_t size)
{
	struct buf key = { 0 };
	const char *at;
	size_t length;

	buf_printf(&key, "\"%s\"", name);
	at = strstr(line, buf_text(&key));
	if (at)
		at += key.length;
	buf_free(&key);
	if (!at)
		return false;
	at += strspn(at, " ");
	if (*at != ':')
		return false;
	at += 1 + strspn(at + 1, " ");
	if (*at == '"') {
		at++;
		length = strcspn(at, "\"");
	} else {
		length = strcspn(at, ",}\r\n");
	}
	snprintf(out, size, "%.*s", (int)length, at);
	return true;
}

void qmp_close(struct qmp *qmp)
{
	if (qmp->fd >= 0)
		close(qmp->fd);
	qmp->fd = -1;
	buf_free(&qmp->text);
}
