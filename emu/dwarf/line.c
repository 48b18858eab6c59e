/* SPDX-License-Identifier: MIT */
/* Reads line tables. libdw decodes a unit's table once and keeps it, sorted by
 * address. A row ends at the next row with another address. Rows of one line
 * that differ only in their discriminator are one row, as in gdb. */
#include "dwarf/internal.h"

struct table {
    Dwarf_Lines *lines;
    size_t n;
};

static bool table_of(Dwarf_Die *unit, struct table *t)
{
    return !dwarf_getsrclines(unit, &t->lines, &t->n) && t->n;
}

struct line {
    u64 va;
    int number;
    unsigned discriminator;
    const char *file;
    bool statement, end;
};

static struct line line_nth(const struct table *t, size_t i)
{
    struct line l = {0};
    Dwarf_Addr va = 0;
    Dwarf_Line *row = dwarf_onesrcline(t->lines, i);

    if (!row || dwarf_lineaddr(row, &va) || dwarf_lineno(row, &l.number) ||
        dwarf_linediscriminator(row, &l.discriminator) ||
        dwarf_linebeginstatement(row, &l.statement) ||
        dwarf_lineendsequence(row, &l.end))
        return (struct line){.end = true};
    l.va = va;
    l.file = dwarf_linesrc(row, NULL, NULL);
    if (l.file && !strncmp(l.file, "./", 2))
        l.file += 2;
    return l;
}

static bool same_line(const struct line *a, const struct line *b)
{
    return a->number == b->number && !b->end && a->file && b->file &&
           !strcmp(a->file, b->file);
}

/* Returns the end of row i: the next address at which another row begins. */
static u64 end_of(const struct table *t, size_t i)
{
    struct line l = line_nth(t, i), next = l, before;
    bool split = l.discriminator;

    for (size_t k = i; k-- && !split;) {
        before = line_nth(t, k);
        if (before.end || !same_line(&l, &before))
            break;
        split = before.discriminator;
    }
    while (++i < t->n) {
        next = line_nth(t, i);
        split |= next.discriminator && same_line(&l, &next);
        if (next.va > l.va && !(split && same_line(&l, &next)))
            break;
    }
    return next.va;
}

static void row_of(const struct table *t, size_t i, struct source_row *row)
{
    struct line l = line_nth(t, i);

    *row = (struct source_row){l.file, (unsigned)l.number, l.va, end_of(t, i),
                               l.statement};
}

bool source_row_at(struct source *s, u64 pc, struct source_row *row)
{
    Dwarf_Die unit;
    struct table t;
    size_t lo = 0, hi;

    if (!unit_at(s, pc, &unit) || !table_of(&unit, &t))
        return false;
    for (hi = t.n; lo < hi;) { /* the first row after pc */
        size_t mid = lo + (hi - lo) / 2;
        if (line_nth(&t, mid).va <= pc)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (!lo--)
        return false;
    struct line l = line_nth(&t, lo), before;
    /* Of several rows at one address, prefer one that begins a statement. */
    for (size_t k = lo; !l.statement && !l.end && k--;) {
        before = line_nth(&t, k);
        if (before.va != l.va || before.end)
            break;
        if (before.statement) {
            lo = k;
            break;
        }
    }
    l = line_nth(&t, lo);
    /* If discriminators cut the line, go back to its first piece. */
    while (lo && !l.end) {
        before = line_nth(&t, lo - 1);
        if (before.end || !same_line(&l, &before) || end_of(&t, lo - 1) <= pc)
            break;
        lo--;
    }
    row_of(&t, lo, row);
    return !l.end && l.file && row->line && pc < row->end;
}

/* ---- files -------------------------------------------------------------- */

/* True if `given` is all of name, or its last parts. */
static bool file_matches(const char *name, const char *given)
{
    size_t n = strlen(name), g = strlen(given);

    return g && g <= n && !strcmp(name + n - g, given) &&
           (g == n || name[n - g - 1] == '/' || *given == '/');
}

static const char *without_dot(const char *name)
{
    return name && !strncmp(name, "./", 2) ? name + 2 : name;
}

/* Returns the unit's file of that name; NULL: none. */
static const char *unit_file(Dwarf_Die *unit, const char *given)
{
    Dwarf_Files *files;
    size_t n;

    if (dwarf_getsrcfiles(unit, &files, &n))
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const char *name = without_dot(dwarf_filesrc(files, i, NULL, NULL));
        if (name && file_matches(name, given))
            return name;
    }
    return NULL;
}

const char *source_file_named(struct source *s, const char *file)
{
    const char *name = NULL;
    Dwarf_Die unit;

    for (size_t i = 0; !name && unit_nth(s, i, &unit); i++)
        name = unit_file(&unit, file);
    return name;
}

const char *source_folder(struct source *s, const char *file)
{
    Dwarf_Attribute a;
    Dwarf_Die unit;
    const char *folder = NULL;

    for (size_t i = 0; unit_nth(s, i, &unit); i++)
        if (unit_file(&unit, file)) {
            if (dwarf_attr(&unit, DW_AT_comp_dir, &a))
                folder = dwarf_formstring(&a);
            break;
        }
    return folder ? folder : "";
}

/* ---- addresses of a line ------------------------------------------------ */

struct search {
    struct source *s;
    const char *file;
    unsigned line; /* wanted */
    unsigned best; /* the first line from `line` on that has code */
    u64 *va;
    u64 scope[SOURCE_PLACES]; /* the scope that contains va[i] */
    unsigned n;
};

static void find_best(struct search *f, const struct table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        struct line l = line_nth(t, i);
        unsigned number = (unsigned)l.number;
        if (l.file && l.statement && !l.end && number >= f->line && number &&
            (!f->best || number < f->best) && file_matches(l.file, f->file))
            f->best = number;
    }
}

/* Keeps the addresses sorted, and for each scope the lowest one. */
static void add_address(struct search *f, u64 va)
{
    struct source_scope scope[SOURCE_SCOPES];
    u64 die = source_scopes(f->s, va, scope) ? scope[0].die : va;
    unsigned i;

    for (i = 0; i < f->n && f->scope[i] != die; i++)
        ;
    if (i == f->n) {
        if (f->n == SOURCE_PLACES)
            return;
        f->n++;
    } else if (f->va[i] <= va) {
        return;
    }
    for (; i && f->va[i - 1] > va; i--) {
        f->va[i] = f->va[i - 1];
        f->scope[i] = f->scope[i - 1];
    }
    f->va[i] = va;
    f->scope[i] = die;
}

static void add_best(struct search *f, const struct table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        struct line l = line_nth(t, i);
        if (l.file && l.statement && !l.end && (unsigned)l.number == f->best &&
            file_matches(l.file, f->file))
            add_address(f, l.va);
    }
}

unsigned source_lines(struct source *s, const char *file, unsigned line,
                      u64 va[SOURCE_PLACES])
{
    struct search f = {.s = s, .file = file, .line = line, .va = va};
    struct table t;
    Dwarf_Die unit;

    for (size_t i = 0; unit_nth(s, i, &unit); i++)
        if (unit_file(&unit, file) && table_of(&unit, &t))
            find_best(&f, &t);
    for (size_t i = 0; f.best && unit_nth(s, i, &unit); i++)
        if (unit_file(&unit, file) && table_of(&unit, &t))
            add_best(&f, &t);
    return f.n;
}

unsigned source_places(struct source *s, const char *file, unsigned line,
                       u64 va[SOURCE_PLACES], struct source_row *row)
{
    unsigned n = source_lines(s, file, line, va);
    struct source_function at;

    if (n && !source_row_at(s, va[0], row))
        n = 0;
    for (unsigned i = 0; i < n; i++) /* from a function's entry to its body */
        if (source_function_at(s, va[i], &at) && at.entry == va[i])
            va[i] = at.body;
    return n;
}
