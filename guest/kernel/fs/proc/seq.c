/* SPDX-License-Identifier: MIT */
/* Appends to growing text, and parses numbers (fs/proc/procfs.h). */
#include "fs/proc/procfs.h"

#include "vm/reclaim.h"

#define FIRST_ROOM 512

static bool seq_make_room(struct seq *s, size_t more)
{
    size_t room = s->room ? s->room : FIRST_ROOM;

    if (s->err)
        return false;
    while (room - s->len < more)
        room *= 2;
    if (room == s->room)
        return true;
    char *text = kmalloc(room);
    if (!text) {
        s->wanted = room;
        s->err = -ENOMEM;
        return false;
    }
    if (s->len)
        memcpy(text, s->text, s->len);
    kfree(s->text);
    s->text = text;
    s->room = room;
    return true;
}

/* The text is made anew, as a show that slept in the middle might go on from
 * what is gone. */
bool seq_wait(struct seq *s)
{
    char *text = s->wanted ? kmalloc_wait(s->wanted) : NULL;

    if (!text)
        return false;
    kfree(s->text);
    s->text = text;
    s->room = s->wanted;
    s->wanted = 0;
    return true;
}

void seq_write(struct seq *s, const void *bytes, size_t n)
{
    if (!seq_make_room(s, n))
        return;
    memcpy(s->text + s->len, bytes, n);
    s->len += n;
}

void seq_escape(struct seq *s, const char *text, const char *bytes, char end)
{
    for (; *text; text++)
        if (strchr(bytes, *text))
            seq_printf(s, "\\%03o", *text);
        else
            seq_write(s, text, 1);
    seq_write(s, &end, 1);
}

void seq_printf(struct seq *s, const char *fmt, ...)
{
    va_list ap;

    if (!seq_make_room(s, 80))
        return;
    for (;;) {
        size_t room = s->room - s->len;
        va_start(ap, fmt);
        int n = vsnprintf(s->text + s->len, room, fmt, ap);
        va_end(ap);
        if (n < 0)
            return;
        if ((size_t)n < room) {
            s->len += (size_t)n;
            return;
        }
        if (!seq_make_room(s, (size_t)n + 1))
            return;
    }
}

int text_number(const char *text, s64 least, u64 most, s64 *out)
{
    bool minus = *text == '-';
    const char *p = text + minus;
    u64 v = 0;

    if (*p < '0' || *p > '9')
        return -EINVAL;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, *p - '0', &v))
            return -EINVAL;
    while (*p == '\n' || *p == ' ')
        p++;
    if (*p || (minus ? v > -(u64)least : v > most))
        return -EINVAL;
    *out = (s64)(minus ? -v : v);
    return 0;
}
