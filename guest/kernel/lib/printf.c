/* SPDX-License-Identifier: MIT */
/* Implements snprintf; also linked into our programs (user/lib/tiny.c). */
#include "lib/kernel.h"

struct sink {
    char *buf;
    size_t size, n; /* n also counts bytes that did not fit */
};

static void put(struct sink *s, char c)
{
    if (s->n + 1 < s->size)
        s->buf[s->n] = c;
    s->n++;
}

static void put_many(struct sink *s, const char *from, size_t n)
{
    size_t room = s->n + 1 < s->size ? s->size - 1 - s->n : 0;
    memcpy(s->buf + s->n, from, MIN(n, room));
    s->n += n;
}

static void put_again(struct sink *s, char c, int n)
{
    size_t room = s->n + 1 < s->size ? s->size - 1 - s->n : 0;
    if (n <= 0)
        return;
    memset(s->buf + s->n, c, MIN((size_t)n, room));
    s->n += (size_t)n;
}

struct spec {             /* one conversion */
    bool left, zero, alt; /* flags - 0 #; + and blank are unknown */
    int width, precision; /* precision < 0: not given */
};

static void put_padded(struct sink *s, const struct spec *f, const char *sign,
                       const char *body, int len, int zeros)
{
    int signs = (int)strlen(sign);
    int pad = f->width - signs - zeros - len;
    if (!f->left)
        put_again(s, ' ', pad);
    put_many(s, sign, (size_t)signs);
    put_again(s, '0', zeros);
    put_many(s, body, (size_t)len);
    if (f->left)
        put_again(s, ' ', pad);
}

/* Writes the digits of v right before `end`; returns their start. For the
 * constant base 10 the compiler turns the division into a multiplication. */
static char *digits_of(u64 v, unsigned base, bool upper, char *end)
{
    const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    switch (base) {
    case 16:
        do
            *--end = set[v & 15];
        while (v >>= 4);
        return end;
    case 10:
        do
            *--end = set[v % 10];
        while (v /= 10);
        return end;
    default:
        do
            *--end = set[v % base];
        while (v /= base);
        return end;
    }
}

static void put_number(struct sink *s, const struct spec *f, u64 v,
                       bool negative, unsigned base, bool upper)
{
    char digits[24], *p = digits_of(v, base, upper, digits + sizeof digits);
    const char *sign = "";
    u64 value = v;
    int len = (int)(digits + sizeof digits - p), zeros = 0;
    if (f->precision == 0 && value == 0)
        len = 0;
    if (negative)
        sign = "-";
    else if (f->alt && base == 16 && value)
        sign = upper ? "0X" : "0x";
    if (f->precision > len)
        zeros = f->precision - len;
    else if (f->zero && !f->left && f->precision < 0 &&
             f->width > len + (int)strlen(sign))
        zeros = f->width - len - (int)strlen(sign);
    put_padded(s, f, sign, p, len, zeros);
}

static const char *parse_flags(const char *p, struct spec *f)
{
    for (;; p++) {
        if (*p == '-')
            f->left = true;
        else if (*p == '0')
            f->zero = true;
        else if (*p == '#')
            f->alt = true;
        else
            return p;
    }
}

/* Sets an integer argument's size in bytes, from h hh l ll z j t. */
static const char *parse_size(const char *p, int *bytes)
{
    *bytes = 4;
    for (;; p++) {
        if (*p == 'h')
            *bytes /= 2;
        else if (*p == 'l' || *p == 'z' || *p == 'j' || *p == 't')
            *bytes = 8;
        else
            return p;
    }
}

static u64 narrow(u64 v, int bytes, bool is_signed)
{
    int shift = 64 - 8 * bytes;
    return is_signed ? (u64)((s64)(v << shift) >> shift) : v << shift >> shift;
}

static void put_string(struct sink *s, const struct spec *f, const char *str)
{
    if (!str)
        str = "(null)";
    size_t n =
        f->precision >= 0 ? strnlen(str, (size_t)f->precision) : strlen(str);
    put_padded(s, f, "", str, (int)n, 0);
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
    struct sink s = {buf, size, 0};
    va_list ap;
    va_copy(ap, args);
    for (; *fmt; fmt++) {
        const char *text = fmt;
        while (*fmt && *fmt != '%')
            fmt++;
        put_many(&s, text, (size_t)(fmt - text));
        if (!*fmt)
            break;
        struct spec f = {.precision = -1};
        int bytes;
        fmt = parse_flags(fmt + 1, &f);
        if (*fmt == '*') {
            f.width = va_arg(ap, int);
            fmt++;
            if (f.width < 0) {
                f.left = true;
                f.width = -f.width;
            }
        }
        while (*fmt >= '0' && *fmt <= '9')
            f.width = f.width * 10 + (*fmt++ - '0');
        if (*fmt == '.') {
            f.precision = 0;
            if (*++fmt == '*') {
                f.precision = va_arg(ap, int);
                fmt++;
            }
            while (*fmt >= '0' && *fmt <= '9')
                f.precision = f.precision * 10 + (*fmt++ - '0');
        }
        fmt = parse_size(fmt, &bytes);
        u64 v;
        char c;
        switch (*fmt) {
        case 'd':
        case 'i':
            v = bytes == 8 ? va_arg(ap, u64) : (u64)va_arg(ap, int);
            v = narrow(v, bytes, true);
            put_number(&s, &f, (s64)v < 0 ? -v : v, (s64)v < 0, 10, false);
            break;
        case 'u':
        case 'x':
        case 'X':
        case 'o':
            v = bytes == 8 ? va_arg(ap, u64) : va_arg(ap, unsigned);
            put_number(&s, &f, narrow(v, bytes, false), false,
                       *fmt == 'u'   ? 10
                       : *fmt == 'o' ? 8
                                     : 16,
                       *fmt == 'X');
            break;
        case 'p':
            f.alt = true;
            put_number(&s, &f, (u64)va_arg(ap, void *), false, 16, false);
            break;
        case 'c':
            c = (char)va_arg(ap, int);
            put_padded(&s, &f, "", &c, 1, 0);
            break;
        case 's':
            put_string(&s, &f, va_arg(ap, const char *));
            break;
        case '%':
            put(&s, '%');
            break;
        default: /* unknown conversion: printed as it is */
            put(&s, '%');
            if (*fmt)
                put(&s, *fmt);
            else
                fmt--;
        }
    }
    va_end(ap);
    if (size)
        buf[MIN(s.n, size - 1)] = '\0';
    return (int)s.n;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return n;
}
