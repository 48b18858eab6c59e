/* SPDX-License-Identifier: MIT */
#include "lib/lines.h"

bool lines_open(struct lines *l, const char *path)
{
    l->n = l->at = 0;
    l->fd = open(path, O_RDONLY, 0);
    return l->fd >= 0;
}

static int next_char(struct lines *l)
{
    if (l->at == l->n) {
        s64 got = read((int)l->fd, l->buf, sizeof l->buf);
        if (got <= 0)
            return -1;
        l->n = (size_t)got;
        l->at = 0;
    }
    return (u8)l->buf[l->at++];
}

bool lines_next(struct lines *l)
{
    size_t len = 0;
    int c = next_char(l);
    if (c < 0) {
        close((int)l->fd);
        return false;
    }
    for (; c >= 0 && c != '\n'; c = next_char(l))
        if (len < sizeof l->line - 1)
            l->line[len++] = (char)c;
    l->line[len] = '\0';
    return true;
}

static void skip_blanks(const char **p)
{
    while (**p == ' ' || **p == '\t')
        ++*p;
}

static int value_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

u64 take_number(const char **p, unsigned base)
{
    u64 v = 0;
    for (; (unsigned)value_of(**p) < base; ++*p)
        v = v >> 60 ? ~0ul : v * base + (u64)value_of(**p);
    skip_blanks(p);
    return v;
}

void take_word(const char **p, char *word, size_t n)
{
    size_t len = 0;
    for (; **p && **p != ' ' && **p != '\t'; ++*p)
        if (len < n - 1)
            word[len++] = **p;
    word[len] = '\0';
    skip_blanks(p);
}

const char *after(const char *line, const char *name)
{
    size_t n = strlen(name);
    if (strlen(line) < n || memcmp(line, name, n))
        return NULL;
    line += n;
    skip_blanks(&line);
    return line;
}

void proc_path(char path[40], u64 pid, const char *file)
{
    char digits[24], *d = digits + sizeof digits;
    do
        *--d = (char)('0' + pid % 10);
    while (pid /= 10);
    memcpy(path, "/proc/", 6);
    path += 6;
    while (d < digits + sizeof digits)
        *path++ = *d++;
    *path++ = '/';
    memcpy(path, file, strlen(file) + 1);
}
