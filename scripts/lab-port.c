// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a lab in Bochs says to the host, by ports that need no driver:
 *
 *	port		standard input to port 0xe9, which Bochs prints
 *	port file	standard input to the printer, which Bochs keeps in a file
 *	port off	ends Bochs
 */
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <unistd.h>

#define CONSOLE		0xe9
#define PRINTER_DATA	0x378
#define PRINTER_CONTROL	0x37a
#define PRINTER_IDLE	0x0c	/* selected, not reset */
#define PRINTER_STROBE	0x0d
#define POWER		0x8900

static void print(const unsigned char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		outb(data[i], PRINTER_DATA);
		outb(PRINTER_STROBE, PRINTER_CONTROL);
		outb(PRINTER_IDLE, PRINTER_CONTROL);
	}
}

int main(int argc, char **argv)
{
	static unsigned char data[65536];
	const char *what = argc > 1 ? argv[1] : "";
	ssize_t size;

	if (iopl(3)) {
		perror("iopl");
		return 1;
	}
	if (!strcmp(what, "off")) {
		for (const char *at = "Shutdown"; *at; at++)
			outb(*at, POWER);
		return 1;
	}
	while ((size = read(0, data, sizeof(data))) > 0) {
		if (!strcmp(what, "file"))
			print(data, size);
		else
			outsb(CONSOLE, data, size);
	}
	return size != 0;
}
