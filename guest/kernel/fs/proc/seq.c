/* SPDX-License-Identifier: MIT */
/* Growing text (fs/proc/procfs.h). */
#include "fs/proc/procfs.h"

#include "vm/page.h"

#define FIRST_ROOM 512

static bool seq_make_room(struct seq *s, size_t more)
{
    size_t room = s->room ? s->room : FIRST_ROOM;

    if (s->failed)
        return false;
    while (room - s->len < more)
        room *= 2;
    if (room == s->room)
        return true;
    char *text = kmalloc(room);
    if (!text) {
        s->failed = true;
        return false;
    }
    if (s->len)
        memcpy(text, s->text, s->len);
    kfree(s->text);
    s->text = text;
    s->room = room;
    return true;
}

void seq_write(struct seq *s, const void *bytes, size_t n)
{
    if (!seq_make_room(s, n))
        return;
    memcpy(s->text + s->len, bytes, n);
    s->len += n;
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

int text_number(const char *text, size_t n, u64 most, u64 *out)
{
    char *end;
    u64 v = strtou64(text, &end, 10);

    if (end == text || end + (*end == '\n') != text + n || v > most)
        return -EINVAL;
    *out = v;
    return 0;
}
