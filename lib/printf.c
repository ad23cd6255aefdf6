/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatting as C defines it, without floating point. */
#include <base.h>

struct out {
	char *to;
	size_t size;
	size_t length;
};

struct spec {
	bool left, zero, alternate;
	char sign;		/* '+', ' ', or 0 */
	int width, precision;	/* precision -1: none given */
};

static void put_bytes(struct out *out, const char *text, size_t n)
{
	size_t room = out->length < out->size ? out->size - out->length : 0;

	if (n && room)
		memcpy(out->to + out->length, text, n < room ? n : room);
	out->length += n;
}

static void put_fill(struct out *out, char c, int n)
{
	while (n-- > 0)
		put_bytes(out, &c, 1);
}

static void put_text(struct out *out, const struct spec *spec,
		     const char *prefix, const char *text, int length,
		     int zeros)
{
	int prefix_length = strlen(prefix);
	int fill = spec->width - prefix_length - zeros - length;

	if (!spec->left)
		put_fill(out, ' ', fill);
	put_bytes(out, prefix, prefix_length);
	put_fill(out, '0', zeros);
	put_bytes(out, text, length);
	if (spec->left)
		put_fill(out, ' ', fill);
}

static void put_number(struct out *out, const struct spec *spec, u64 value,
		       unsigned int base, bool upper, const char *prefix)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[24];
	int at = sizeof(text), length, zeros = 0;

	if (base == 10 && value > UINT32_MAX) {
		/* 32-bit images have no 64-bit division: shift and subtract. */
		u64 quotient;

		while (value > UINT32_MAX) {
			u64 rest = 0;

			quotient = 0;
			for (int bit = 63; bit >= 0; bit--) {
				rest = rest << 1 | (value >> bit & 1);
				quotient <<= 1;
				if (rest >= 10) {
					rest -= 10;
					quotient |= 1;
				}
			}
			text[--at] = digits[rest];
			value = quotient;
		}
	}
	if (base == 10)
		for (u32 low = value; low; low /= 10)
			text[--at] = digits[low % 10];
	else
		for (; value; value >>= base == 16 ? 4 : 3)
			text[--at] = digits[value & (base - 1)];
	length = sizeof(text) - at;
	if (spec->precision >= 0)
		zeros = spec->precision - length;
	else if (!length)
		zeros = 1;
	if (spec->zero && !spec->left && spec->precision < 0 &&
	    spec->width - length - (int)strlen(prefix) > zeros)
		zeros = spec->width - length - strlen(prefix);
	put_text(out, spec, prefix, text + at, length, zeros > 0 ? zeros : 0);
}

static int read_width(const char **fmt, va_list *args)
{
	int n = 0;

	if (**fmt == '*') {
		++*fmt;
		return va_arg(*args, int);
	}
	while (**fmt >= '0' && **fmt <= '9')
		n = n * 10 + *(*fmt)++ - '0';
	return n;
}

static struct spec read_spec(const char **fmt, va_list *args)
{
	struct spec spec = { .precision = -1 };

	/* Behind most '%' is a letter, and nothing of all this. */
	if (**fmt >= 'A')
		return spec;
	for (;; ++*fmt) {
		if (**fmt == '-')
			spec.left = true;
		else if (**fmt == '0')
			spec.zero = true;
		else if (**fmt == '#')
			spec.alternate = true;
		else if (**fmt == '+' || (**fmt == ' ' && !spec.sign))
			spec.sign = **fmt;
		else
			break;
	}
	spec.width = read_width(fmt, args);
	if (spec.width < 0) {
		spec.left = true;
		spec.width = -spec.width;
	}
	if (**fmt == '.') {
		++*fmt;
		spec.precision = read_width(fmt, args);
	}
	return spec;
}

/* Length modifiers as bytes: 1, 2, 4 or 8. */
static unsigned int read_length(const char **fmt)
{
	unsigned int size = sizeof(int);

	for (;; ++*fmt) {
		if (**fmt == 'h')
			size = size == 2 ? 1 : 2;
		else if (**fmt == 'l')
			size = size == sizeof(int) ? sizeof(long) : 8;
		else if (**fmt == 'z' || **fmt == 't')
			size = sizeof(size_t);
		else if (**fmt == 'j')
			size = 8;
		else
			return size;
		if (**fmt == 'l' && (*fmt)[1] == 'l') {
			++*fmt;
			size = 8;
		}
	}
}

static void put_integer(struct out *out, const struct spec *spec,
			char conversion, unsigned int size, va_list *args)
{
	bool is_signed = conversion == 'd' || conversion == 'i';
	u64 value = size == 8 ? va_arg(*args, u64) : va_arg(*args, u32);
	char sign[2] = { 0 };
	const char *prefix = sign;

	if (is_signed) {
		unsigned int unused = 64 - 8 * size;
		int64_t n = (int64_t)(value << unused) >> unused;

		sign[0] = n < 0 ? '-' : spec->sign;
		value = n < 0 ? -(u64)n : (u64)n;
	} else if (size < 4) {
		value &= (1u << 8 * size) - 1;
	}
	if (spec->alternate && value && (conversion | 0x20) == 'x')
		prefix = conversion == 'x' ? "0x" : "0X";
	put_number(out, spec, value, conversion == 'o' ? 8 :
		   (conversion | 0x20) == 'x' ? 16 : 10,
		   conversion == 'X', prefix);
}

static void put_conversion(struct out *out, const char **fmt, va_list *args)
{
	struct spec spec;
	unsigned int size;
	const char *text;
	int length;
	char c;

	if (**fmt == 's') {	/* and nothing else: results are put together of these */
		text = va_arg(*args, const char *) ?: "(null)";
		++*fmt;
		return put_bytes(out, text, strlen(text));
	}
	spec = read_spec(fmt, args);
	size = read_length(fmt);
	c = *(*fmt)++;
	switch (c) {
	case 'd': case 'i': case 'u': case 'x': case 'X': case 'o':
		put_integer(out, &spec, c, size, args);
		break;
	case 'p':
		put_number(out, &spec, va_arg(*args, uintptr_t), 16, false, "0x");
		break;
	case 'c':
		c = va_arg(*args, int);
		put_text(out, &spec, "", &c, 1, 0);
		break;
	case 's':
		text = va_arg(*args, const char *) ?: "(null)";
		for (length = 0; length != spec.precision && text[length];)
			length++;
		put_text(out, &spec, "", text, length, 0);
		break;
	case '%':
		put_bytes(out, "%", 1);
		break;
	default:	/* the compiler checks formats: only the end is left */
		--*fmt;
	}
}

int vsnprintf(char *to, size_t size, const char *fmt, va_list args)
{
	struct out out = { to, size, 0 };
	va_list copy;

	va_copy(copy, args);
	while (*fmt) {
		const char *run = fmt;

		while (*fmt && *fmt != '%')
			fmt++;
		put_bytes(&out, run, fmt - run);
		if (*fmt == '%') {
			fmt++;
			put_conversion(&out, &fmt, &copy);
		}
	}
	va_end(copy);
	if (size)
		to[out.length < size ? out.length : size - 1] = 0;
	return out.length;
}

int snprintf(char *to, size_t size, const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = vsnprintf(to, size, fmt, args);
	va_end(args);
	return length;
}
