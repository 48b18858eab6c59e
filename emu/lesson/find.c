/* SPDX-License-Identifier: MIT */
/* Finds lessons by name or number, and lists them. They lie in the source tree
 * in which the program was built, or are installed beside the guest. */
#include "lesson/lesson.h"

#include "base/word.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NAMES 64 /* bytes of a name at most */

/* Lists all lessons in order; the caller calls globfree. False: none found. */
static bool any_lessons(glob_t *g)
{
    static const char *const where[] = {"tools/lessons",
                                        "share/clockhand/lessons"};
    char exe[PATH_MAX - 64], path[PATH_MAX], pattern[PATH_MAX + 32];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    char *slash = n > 0 ? memrchr(exe, '/', (size_t)n) : NULL;
    *g = (glob_t){0};
    if (slash)
        *slash = 0;
    for (unsigned i = 0; slash && i < ARRAY_LEN(where); i++) {
        snprintf(pattern, sizeof pattern, "%s/../%s", exe, where[i]);
        if (!realpath(pattern, path))
            continue;
        for (char *c = path; (c = strpbrk(c, "*[\\"));)
            *c = '?'; /* glob takes these for patterns */
        snprintf(pattern, sizeof pattern, "%s/[0-9][0-9]-*.md", path);
        if (!glob(pattern, 0, NULL, g))
            return true;
    }
    return false;
}

static glob_t lessons(void)
{
    glob_t g;
    if (!any_lessons(&g))
        die("--lesson", "no lessons beside the program (tools/lessons, "
                        "share/clockhand/lessons)");
    return g;
}

/* Returns 05-fork for .../05-fork.md. */
static const char *name_of(const char *path, char name[NAMES])
{
    const char *base = strrchr(path, '/') + 1;
    snprintf(name, NAMES, "%.*s", (int)strlen(base) - 3, base);
    return name;
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

/* Ends the program. Suggests the lesson whose name, or a word of it, is most
 * like `asked`, if one is near. */
_Noreturn static void unknown(const glob_t *g, const char *asked)
{
    char name[NAMES], word[NAMES], best[NAMES] = "";
    unsigned least = 3;
    for (size_t i = 0; i < g->gl_pathc; i++) {
        const char *p = name_of(g->gl_pathv[i], name) + 3;
        unsigned d = word_distance(asked, p);
        for (size_t n; *p; p += n + (p[n] == '-')) {
            snprintf(word, sizeof word, "%.*s", (int)(n = strcspn(p, "-")), p);
            unsigned one = word_distance(asked, word);
            d = one < d ? one : d;
        }
        if (d < least) {
            least = d;
            strcpy(best, name + 3); /* without the number */
        }
    }
    if (strlen(asked) < NAMES && *best)
        die("--lesson", "no lesson '%s': is %s meant? (--lesson list)", asked,
            best);
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
    char is[NAMES];
    if (strchr(name, '/'))
        return read_or_die(name);
    glob_t g = lessons();
    size_t i = 0;
    while (i < g.gl_pathc && !is_meant(name, name_of(g.gl_pathv[i], is)))
        i++;
    if (i == g.gl_pathc)
        unknown(&g, name);
    struct lesson *l = read_or_die(g.gl_pathv[i]);
    globfree(&g);
    return l;
}

bool lesson_exists(unsigned number)
{
    glob_t g;
    char name[NAMES];
    bool found = false;
    if (any_lessons(&g))
        for (size_t i = 0; i < g.gl_pathc; i++)
            found |= strtoul(name_of(g.gl_pathv[i], name), NULL, 10) == number;
    globfree(&g);
    return found;
}

void lesson_list(void)
{
    glob_t g = lessons();
    for (size_t i = 0; i < g.gl_pathc; i++) {
        struct lesson *l = read_or_die(g.gl_pathv[i]);
        printf("%2u  %-14s %-48s %2u minutes\n", l->number, l->name + 3,
               l->title, l->minutes);
        lesson_free(l);
    }
    globfree(&g);
}
