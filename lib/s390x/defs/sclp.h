/* SPDX-License-Identifier: BSD-2-Clause */
/* The service-call logical processor, as Linux (drivers/s390/char/sclp.h) uses it. */
#ifndef DEFS_SCLP_H
#define DEFS_SCLP_H

#define SCLP_READ_CPU_INFO		0x00010001
#define SCLP_READ_SCP_INFO		0x00020001
#define SCLP_READ_SCP_INFO_FORCED	0x00120001
#define SCLP_READ_EVENT			0x00770005
#define SCLP_WRITE_EVENT		0x00760005
#define SCLP_WRITE_EVENT_MASK		0x00780005

/* Responses; the lower byte is the class. */
#define SCLP_COMPLETION			0x0020
#define SCLP_READ_COMPLETION		0x0010
#define SCLP_BOUNDARY_VIOLATION		0x0100
#define SCLP_INVALID_COMMAND		0x01f0
#define SCLP_INSUFFICIENT_LENGTH	0x0300

#define SCLP_EVENT_MESSAGE		2
#define SCLP_EVENT_ASCII		0x1a
#define SCLP_EVENT_MASK(type)		(1u << (32 - (type)))
#define SCLP_EVENT_OPERATOR		1

#endif
