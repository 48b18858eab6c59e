/* SPDX-License-Identifier: MIT */
#include "lib/procs.h"

static void skip_words(const char **p, unsigned n)
{
    char word[32];
    while (n--)
        take_word(p, word, sizeof word);
}

static s64 take_signed(const char **p)
{
    bool minus = **p == '-';
    *p += minus;
    s64 v = (s64)take_number(p, 10);
    return minus ? -v : v;
}

/* Parses "PID (name) S ppid ...". The name may hold anything, so its end is the
 * last bracket (proc(5)). */
static bool parse_stat(const char *line, struct process *p)
{
    const char *open = strstr(line, "("), *close = NULL;
    for (const char *q = line; *q; q++)
        if (*q == ')')
            close = q;
    if (!open || !close)
        return false;
    size_t n = (size_t)(close - open - 1);
    n = n < sizeof p->comm ? n : sizeof p->comm - 1;
    memcpy(p->comm, open + 1, n);
    p->comm[n] = '\0';
    const char *q = close + 2;
    p->state = *q;
    q += 2;
    p->ppid = take_number(&q, 10);
    p->pgrp = take_number(&q, 10);
    p->session = take_number(&q, 10);
    p->tty = take_number(&q, 10);
    skip_words(&q, 2); /* tpgid, flags */
    p->minflt = take_number(&q, 10);
    skip_words(&q, 1);
    p->majflt = take_number(&q, 10);
    skip_words(&q, 1);
    p->utime = take_number(&q, 10);
    p->stime = take_number(&q, 10);
    skip_words(&q, 2);
    p->priority = take_signed(&q);
    p->nice = take_signed(&q);
    skip_words(&q, 2);
    p->start = take_number(&q, 10);
    p->vsize = take_number(&q, 10) / 1024;
    p->rss = take_number(&q, 10) * (PAGE / 1024);
    return true;
}

bool process_read(u64 pid, struct process *p)
{
    static struct lines l;
    char path[40];
    const char *v;
    *p = (struct process){.pid = pid};
    proc_path(path, pid, "stat");
    if (!lines_open(&l, path))
        return false;
    bool got = lines_next(&l) && parse_stat(l.line, p);
    close((int)l.fd);
    if (!got)
        return false;
    proc_path(path, pid, "statm");
    if (lines_open(&l, path)) {
        if (lines_next(&l)) {
            v = l.line;
            skip_words(&v, 2);
            p->shared = take_number(&v, 10) * (PAGE / 1024);
        }
        close((int)l.fd);
    }
    proc_path(path, pid, "status");
    if (!lines_open(&l, path))
        return false;
    while (lines_next(&l)) {
        if ((v = after(l.line, "Uid:"))) {
            skip_words(&v, 1);
            p->uid = take_number(&v, 10); /* effective */
        } else if ((v = after(l.line, "VmLck:"))) {
            p->locked = take_number(&v, 10);
        }
    }
    return true;
}

struct dirent {
    u64 ino, off;
    unsigned short length;
    u8 type;
    char name[];
} __attribute__((packed));

unsigned processes(struct process *p, unsigned max)
{
    static char buf[2048] __attribute__((aligned(8)));
    unsigned count = 0;
    s64 n, fd = open("/proc", O_RDONLY, 0);
    if (fd < 0)
        return 0;
    while ((n = SYS3(__NR_getdents64, fd, buf, sizeof buf)) > 0)
        for (s64 at = 0; at < n;) {
            const struct dirent *d = (const struct dirent *)(buf + at);
            if (d->name[0] >= '1' && d->name[0] <= '9' && count < max)
                count += process_read(strtou(d->name), &p[count]);
            at += d->length;
        }
    close((int)fd);
    return count;
}

void process_args(const struct process *p, char *text, size_t n)
{
    char path[40];
    s64 got = 0, fd;
    proc_path(path, p->pid, "cmdline");
    if ((fd = open(path, O_RDONLY, 0)) >= 0) {
        got = read((int)fd, text, n - 1);
        close((int)fd);
    }
    for (s64 i = 0; i + 1 < got; i++)
        if (!text[i])
            text[i] = ' ';
    if (got > 0) {
        text[got] = '\0';
        return;
    }
    size_t len = strlen(p->comm);
    len = len + 3 < n ? len : n - 3;
    text[0] = '[';
    memcpy(text + 1, p->comm, len);
    memcpy(text + 1 + len, "]", 2);
}

static void number_text(u64 v, char *text)
{
    char digits[24], *d = digits + sizeof digits;
    *--d = '\0';
    do
        *--d = (char)('0' + v % 10);
    while (v /= 10);
    memcpy(text, d, strlen(d) + 1);
}

/* Lines are "name:x:uid:...". */
void user_name(u64 uid, char *text, size_t n)
{
    static struct lines l;
    bool found = false;
    if (lines_open(&l, "/etc/passwd"))
        while (lines_next(&l)) {
            const char *colon = strstr(l.line, ":");
            const char *next = colon ? strstr(colon + 1, ":") : NULL;
            if (found || !next || strtou(next + 1) != uid)
                continue;
            size_t len = (size_t)(colon - l.line);
            len = len < n ? len : n - 1;
            memcpy(text, l.line, len);
            text[len] = '\0';
            found = true;
        }
    if (!found)
        number_text(uid, text);
}

const char *tty_name(u64 tty)
{
    return tty ? "ttyS0" : "?"; /* there is one terminal */
}

void print_left(const char *text, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        printf("%c", *text ? *text : ' ');
        text += *text != '\0';
    }
}
