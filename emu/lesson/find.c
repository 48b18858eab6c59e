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

#define LESSONS 100
#define NAMES   64 /* bytes of a name at most */

struct found {
    char dir[PATH_MAX];
    char name[LESSONS][NAMES]; /* 05-fork, in order */
    unsigned n;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* NN-name.md */
static void add_if_lesson(struct found *f, const char *file)
{
    size_t n = strlen(file);
    if (n < 7 || n - 3 >= NAMES || f->n == LESSONS ||
        strcmp(file + n - 3, ".md") || !isdigit((u8)file[0]) ||
        !isdigit((u8)file[1]) || file[2] != '-')
        return;
    memcpy(f->name[f->n++], file, n - 3);
}

static bool look_in(struct found *f, const char *from, const char *where)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", from, where);
    DIR *d = realpath(path, f->dir) ? opendir(f->dir) : NULL;
    if (!d)
        return false;
    for (struct dirent *e; (e = readdir(d));)
        add_if_lesson(f, e->d_name);
    closedir(d);
    qsort(f->name, f->n, NAMES, by_name);
    return f->n > 0;
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
    free(f);
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

/* The distance from `asked` to the name, or to the nearest of its words. */
static unsigned name_distance(const char *asked, const char *name)
{
    char word[NAMES];
    unsigned best = word_distance(asked, name);
    while (*name) {
        size_t n = strcspn(name, "-");
        snprintf(word, sizeof word, "%.*s", (int)n, name);
        unsigned d = word_distance(asked, word);
        best = d < best ? d : best;
        name += n + (name[n] == '-');
    }
    return best;
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

_Noreturn static void unknown(const struct found *f, const char *asked)
{
    unsigned best = UINT_MAX, at = 0;
    for (unsigned i = 0; i < f->n; i++) {
        unsigned d = name_distance(asked, f->name[i] + 3);
        if (d < best)
            best = d, at = i;
    }
    if (strlen(asked) < NAMES && best <= 2)
        die("--lesson", "no lesson '%s': is %s meant? (--lesson list)", asked,
            f->name[at] + 3); /* without the number, as in the list */
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

struct lesson *lesson_find(const char *name)
{
    char path[PATH_MAX + NAMES + 8];
    if (strchr(name, '/'))
        return read_or_die(name);
    struct found *f = lessons();
    for (unsigned i = 0; i < f->n; i++) {
        if (!is_meant(name, f->name[i]))
            continue;
        snprintf(path, sizeof path, "%s/%s.md", f->dir, f->name[i]);
        free(f);
        return read_or_die(path);
    }
    unknown(f, name);
}

bool lesson_exists(unsigned number)
{
    struct found *f = lessons_or_none();
    bool found = false;
    for (unsigned i = 0; f && i < f->n; i++)
        found |= strtoul(f->name[i], NULL, 10) == number;
    free(f);
    return found;
}

void lesson_list(void)
{
    char path[PATH_MAX + NAMES + 8];
    struct found *f = lessons();
    for (unsigned i = 0; i < f->n; i++) {
        snprintf(path, sizeof path, "%s/%s.md", f->dir, f->name[i]);
        struct lesson *l = read_or_die(path);
        printf("%2u  %-14s %-48s %2u minutes\n", l->number, f->name[i] + 3,
               l->title, l->minutes);
        lesson_free(l);
    }
    free(f);
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
