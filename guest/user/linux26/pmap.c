/* SPDX-License-Identifier: MIT */
/* pmap [-x] PID...: the address space of a process.
 *
 * Plain, it prints what Linux 2.6's procps printed: address, size, mode,
 * file, and the total. With -x it has the columns of the slides' listings
 * (Solaris's): Kbytes are mapped. Of these, RSS are in memory; of RSS, Anon are
 * anonymous memory that only this process maps. Locked cannot be paged out.
 * "-" stands for none. Anonymous pages that another process shares since a
 * fork are in RSS but not in Anon: only copying makes a page private. */
#include "lib/lines.h"

struct mapping {
    u64 start, kib, inode, rss, anon, locked;
    char mode[8], dev[16], name[256];
};
struct totals {
    u64 kib, rss, anon, locked;
};

/* Parses "start-end rwxp offset dev inode name". The mode's fifth letter, R in
 * Solaris and Linux for memory not reserved, is always "-". */
static void parse_map(const char *p, struct mapping *m)
{
    char perms[8];
    *m = (struct mapping){.start = take_number(&p, 16)};
    p++; /* '-' */
    m->kib = (take_number(&p, 16) - m->start) / 1024;
    take_word(&p, perms, sizeof perms);
    take_number(&p, 16);
    take_word(&p, m->dev, sizeof m->dev);
    m->inode = take_number(&p, 10);
    memcpy(m->mode, perms, 3);
    m->mode[3] = perms[3] == 's' ? 's' : '-';
    m->mode[4] = '-';
    size_t n = strlen(p);
    n = n < sizeof m->name ? n : sizeof m->name - 1;
    memcpy(m->name, p, n);
}

static void plain_row(const struct mapping *m)
{
    const char *name = m->name;
    if (!strcmp(name, "[stack]"))
        name = "  [ stack ]";
    else if (*name != '/')
        name = "  [ anon ]";
    printf("%016lx %6luK %s  %s\n", m->start, m->kib, m->mode, name);
}

static void plain(struct lines *l)
{
    struct mapping m;
    u64 sum = 0;
    while (lines_next(l)) {
        parse_map(l->line, &m);
        plain_row(&m);
        sum += m.kib;
    }
    printf(" total %16luK\n", sum);
}

static void cell(u64 kib)
{
    if (kib)
        printf(" %7lu", kib);
    else
        printf(" %7s", "-");
}

/* Prints the last part of a path; "[ stack ]" or "[ heap ]"; "[ anon ]" for no
 * name or another one in brackets; for a deleted file its device and inode. */
static void print_file(const struct mapping *m)
{
    const char *name = m->name, *p = name, *dev = m->dev;
    if (strstr(name, " (deleted)")) {
        u64 major = take_number(&dev, 16), minor = 0;
        if (*dev++ == ':')
            minor = take_number(&dev, 16);
        printf("dev:%lu,%lu ino:%lu\n", major, minor, m->inode);
        return;
    }
    for (; m->name[0] == '/' && *p; p++)
        if (*p == '/')
            name = p + 1;
    if (!strcmp(name, "[stack]") || !strcmp(name, "[heap]"))
        printf("  [ %s ]\n", name[1] == 's' ? "stack" : "heap");
    else
        printf("%s\n", *name && *name != '[' ? name : "  [ anon ]");
}

static void extended_row(const struct mapping *m, struct totals *t)
{
    printf("%010lX %7lu", m->start, m->kib);
    cell(m->rss);
    cell(m->anon);
    cell(m->locked);
    printf(" %s  ", m->mode);
    print_file(m);
    t->kib += m->kib;
    t->rss += m->rss;
    t->anon += m->anon;
    t->locked += m->locked;
}

/* Parses a line "Key: n kB" of smaps. In a private mapping dirty pages are
 * anonymous, since writing copied them. */
static void parse_detail(const char *line, struct mapping *m)
{
    const char *p;
    if ((p = after(line, "Rss:")))
        m->rss = take_number(&p, 10);
    else if ((p = after(line, "Private_Dirty:")) && m->mode[3] != 's')
        m->anon = take_number(&p, 10);
    else if ((p = after(line, "Locked:")))
        m->locked = take_number(&p, 10);
}

static void extended(struct lines *l)
{
    struct totals t = {0};
    struct mapping m;
    bool have = false;
    printf("Address     Kbytes     RSS    Anon  Locked Mode   Mapped File\n");
    while (lines_next(l)) {
        if (l->line[0] >= 'A' && l->line[0] <= 'Z') {
            parse_detail(l->line, &m);
            continue;
        }
        if (have)
            extended_row(&m, &t);
        parse_map(l->line, &m);
        have = true;
    }
    if (have)
        extended_row(&m, &t);
    printf("---------- ------- ------- ------- -------\n%-10s %7lu", "total Kb",
           t.kib);
    cell(t.rss);
    cell(t.anon);
    cell(t.locked);
    printf("\n");
}

static void head(u64 pid)
{
    static char text[256];
    char path[40];
    s64 n = 0, fd;
    proc_path(path, pid, "cmdline");
    if ((fd = open(path, O_RDONLY, 0)) >= 0) {
        n = read((int)fd, text, sizeof text - 1);
        close((int)fd);
    }
    for (s64 i = 0; i + 1 < n; i++)
        if (!text[i])
            text[i] = ' ';
    text[n > 0 ? n : 0] = 0; /* not the last PID's words */
    printf("%lu:   %s\n", pid, text);
}

static int one(const char *arg, bool x)
{
    static struct lines l;
    char path[40];
    const char *p = arg;
    u64 pid = take_number(&p, 10);
    proc_path(path, pid, x ? "smaps" : "maps");
    if (*p || !pid || !lines_open(&l, path)) {
        fprintf_fd(2, "pmap: %s: no such process\n", arg);
        return 1;
    }
    head(pid);
    if (x)
        extended(&l);
    else
        plain(&l);
    return 0;
}

int main(int argc, char **argv)
{
    bool x = argc > 1 && !strcmp(argv[1], "-x");
    int status = 0;
    if (argc < 2 + x) {
        fprintf_fd(2, "usage: pmap [-x] PID...\n");
        return 2;
    }
    for (int i = 1 + x; i < argc; i++)
        status |= one(argv[i], x);
    return status;
}
