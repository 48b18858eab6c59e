/* SPDX-License-Identifier: MIT */
/* Finds lessons: beside the source from which the program was built, or
 * installed beside the guest. By name or number, and as a list. */
#include "lesson/lesson.h"

#include "inspect/inspect.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NAMES 64 /* bytes of a name at most */

struct found {
    char dir[PATH_MAX];
    struct dirent **file; /* 05-fork.md, in order */
    int n;
};

static int is_lesson(const struct dirent *e)
{
    const char *f = e->d_name;
    size_t n = strlen(f);
    return n >= 7 && n - 3 < NAMES && !strcmp(f + n - 3, ".md") &&
           isdigit((u8)f[0]) && isdigit((u8)f[1]) && f[2] == '-';
}

static bool look_in(struct found *f, const char *from, const char *where)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", from, where);
    free(f->file);
    f->file = NULL;
    if (realpath(path, f->dir))
        f->n = scandir(f->dir, &f->file, is_lesson, versionsort);
    return f->n > 0;
}

/* 05-fork of 05-fork.md. */
static const char *name_of(const struct found *f, int i, char name[NAMES])
{
    const char *file = f->file[i]->d_name;
    snprintf(name, NAMES, "%.*s", (int)strlen(file) - 3, file);
    return name;
}

static void drop(struct found *f)
{
    for (int i = 0; f && i < f->n; i++)
        free(f->file[i]);
    if (f)
        free(f->file);
    free(f);
}

/* All lessons; NULL: none. */
static struct found *lessons_or_none(void)
{
    struct found *f = xcalloc(1, sizeof *f);
    char exe[PATH_MAX - 64];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    char *slash = n > 0 ? memrchr(exe, '/', (size_t)n) : NULL;
    if (slash) {
        *slash = 0;
        if (look_in(f, exe, "../tools/lessons") ||
            look_in(f, exe, "../share/clockhand/lessons"))
            return f;
    }
    drop(f);
    return NULL;
}

static struct found *lessons(void)
{
    struct found *f = lessons_or_none();
    if (!f)
        die("--lesson", "no lessons beside the program (tools/lessons, "
                        "share/clockhand/lessons)");
    return f;
}

/* True if `asked` is 5, 05, fork or 05-fork for the name 05-fork. */
static bool is_meant(const char *asked, const char *name)
{
    char *end;
    unsigned long number = strtoul(asked, &end, 10);
    if (end != asked && !*end)
        return number == strtoul(name, NULL, 10);
    return word_same(asked, name) || word_same(asked, name + 3);
}

/* The lesson whose name, or a word of it, is near `asked`. */
_Noreturn static void unknown(const struct found *f, const char *asked)
{
    char name[NAMES], word[NAMES];
    unsigned best = 3;
    int at = -1;
    for (int i = 0; i < f->n; i++) {
        const char *p = name_of(f, i, name) + 3;
        unsigned d = word_distance(asked, p);
        for (size_t n; *p; p += n + (p[n] == '-')) {
            snprintf(word, sizeof word, "%.*s", (int)(n = strcspn(p, "-")), p);
            unsigned one = word_distance(asked, word);
            d = one < d ? one : d;
        }
        if (d < best)
            best = d, at = i;
    }
    if (strlen(asked) < NAMES && at >= 0)
        die("--lesson", "no lesson '%s': is %s meant? (--lesson list)", asked,
            name_of(f, at, name) + 3); /* as in the list */
    die("--lesson", "no lesson '%.60s' (--lesson list)", asked);
}

static struct lesson *read_or_die(const char *file)
{
    char err[300];
    struct lesson *l = lesson_read(file, err, sizeof err);
    unsigned line;
    int at = 0;
    if (!l && sscanf(err, "line %u: %n", &line, &at) == 1 && at) {
        char where[PATH_MAX + 16];
        snprintf(where, sizeof where, "%s:%u", file, line);
        die(where, "%s", err + at);
    }
    if (!l)
        die(file, "%s", err);
    return l;
}

/* The lesson of f's i-th file. */
static struct lesson *nth_or_die(const struct found *f, int i)
{
    char path[PATH_MAX + 260];
    snprintf(path, sizeof path, "%s/%s", f->dir, f->file[i]->d_name);
    return read_or_die(path);
}

struct lesson *lesson_find(const char *name)
{
    char is[NAMES];
    if (strchr(name, '/'))
        return read_or_die(name);
    struct found *f = lessons();
    int i = 0;
    while (i < f->n && !is_meant(name, name_of(f, i, is)))
        i++;
    if (i == f->n)
        unknown(f, name);
    struct lesson *l = nth_or_die(f, i);
    drop(f);
    return l;
}

bool lesson_exists(unsigned number)
{
    struct found *f = lessons_or_none();
    bool found = false;
    for (int i = 0; f && i < f->n; i++)
        found |= strtoul(f->file[i]->d_name, NULL, 10) == number;
    drop(f);
    return found;
}

void lesson_list(void)
{
    char name[NAMES];
    struct found *f = lessons();
    for (int i = 0; i < f->n; i++) {
        struct lesson *l = nth_or_die(f, i);
        printf("%2u  %-14s %-48s %2u minutes\n", l->number,
               name_of(f, i, name) + 3, l->title, l->minutes);
        lesson_free(l);
    }
    drop(f);
}

/* Splits as a shell does, without expansion. */
char **lesson_words(const char *options)
{
    size_t most = strlen(options) / 2 + 2, n = 0;
    char **v = xcalloc(1, most * sizeof *v + strlen(options) + most + 1);
    char *to = (char *)(v + most);
    for (const char *p = options; *(p += strspn(p, " \t"));) {
        char quote = 0;
        v[n++] = to;
        for (; *p && (quote || !isblank((u8)*p)); p++) {
            if (quote ? *p == quote : *p == '"' || *p == '\'')
                quote = quote ? 0 : *p;
            else
                *to++ = *p;
        }
        *to++ = 0;
    }
    return v;
}
