/* SPDX-License-Identifier: MIT */
#include "lib/period.h"

const struct column columns[] = {
#define OUTPUT(id, system, command, sentence)
#define COLUMN(output, name, width, decimals, kind, source, measures, isnt)    \
    {OUT_##output, name, width, decimals, COL_##kind, source, measures, isnt},
#include "abi/outputs.def"
};
const unsigned ncolumns = sizeof columns / sizeof *columns;

static const char *const names[NVALUES] = {
#define GAUGE(id, name, unit, notion, value, moves, sentence) name,
#include "abi/gauges.def"
#define COUNTER(id, name, unit, notion, events, sentence) name,
#include "abi/counters.def"
};

static bool word_is(const char *p, size_t n, const char *name)
{
    return strlen(name) == n && !memcmp(p, name, n);
}

static int find(const char *p, size_t n)
{
    for (int i = 0; i < NVALUES; i++)
        if (word_is(p, n, names[i]))
            return i;
    return -1;
}

struct sample sample_now(const char *program)
{
    static struct lines l;
    struct sample s;
    int next = 0;
    for (int i = 0; i < NVALUES; i++)
        s.value[i] = ABSENT;
    if (!lines_open(&l, "/proc/counters")) {
        fprintf_fd(2, "%s: cannot read /proc/counters\n", program);
        exit(1);
    }
    while (lines_next(&l)) {
        const char *p = l.line;
        size_t n = 0;
        while (p[n] && p[n] != ' ')
            n++;
        /* The lines come in the order of the tables. */
        int i =
            next < NVALUES && word_is(p, n, names[next]) ? next : find(p, n);
        next = i + 1;
        p += n + (p[n] == ' ');
        if (i >= 0 && *p != '-')
            s.value[i] = (s64)take_number(&p, 10);
    }
    return s;
}

u64 sample_us(const struct sample *a, const struct sample *b)
{
    return (u64)(b->value[G_UPTIME] - a->value[G_UPTIME]);
}

/* ---- one cell ---- */

/* Computes the next word of a source, "a+b-c"; false: all names are absent. */
static bool word_value(const char **source, const struct sample *s, s64 *v)
{
    const char *p = *source;
    bool any = false, minus = false;
    for (*v = 0; *p && *p != ' ';) {
        size_t n = 0;
        while (p[n] && p[n] != ' ' && p[n] != '+' && p[n] != '-')
            n++;
        int i = find(p, n);
        if (i >= 0 && s->value[i] != ABSENT) {
            any = true;
            *v += minus ? -s->value[i] : s->value[i];
        }
        p += n;
        minus = *p == '-';
        p += *p == '+' || *p == '-';
    }
    while (*p == ' ')
        p++;
    *source = p;
    return any;
}

/* Sets v to the values of c's source in b; if delta, less the values in a. */
static bool words(const struct column *c, const struct sample *a,
                  const struct sample *b, bool delta, s64 v[4])
{
    const char *pa = c->source, *pb = c->source;
    bool any = false;
    for (int i = 0; i < 4; i++) {
        s64 before = 0;
        v[i] = 0;
        any |= *pb && word_value(&pb, b, &v[i]);
        if (delta && *pa && word_value(&pa, a, &before))
            v[i] -= before;
    }
    return any;
}

static void put_number(char **to, u64 v)
{
    char digits[24], *d = digits + sizeof digits;
    do
        *--d = (char)('0' + v % 10);
    while (v /= 10);
    while (d < digits + sizeof digits)
        *(*to)++ = *d++;
}

/* Puts "  66/506 " as Solaris's sar does, with the slash in the middle. */
static void put_pair(char **to, u64 n, u64 of)
{
    for (u64 v = n, k = 1000; v < k && k > 1; k /= 10)
        *(*to)++ = ' ';
    put_number(to, n);
    *(*to)++ = '/';
    put_number(to, of);
    for (u64 v = of, k = 1000; v < k && k > 1; k /= 10)
        *(*to)++ = ' ';
}

/* Rounds v + rest / of; a half goes to the even number, as in printf's %.0f. */
static u64 rounded(u64 v, u64 rest, u64 of)
{
    return v + (rest > of - rest || (rest == of - rest && v % 2));
}

u64 scaled(u64 n, u64 scale, u64 of)
{
    if (!of)
        return 0;
    u64 part = n % of * scale;
    return rounded(n / of * scale + part / of, part % of, of);
}

/* Puts n * scale / of with the given number of decimals. */
static void put_scaled(char **to, u64 n, u64 scale, u64 of, unsigned decimals)
{
    u64 unit = 1;
    for (unsigned i = 0; i < decimals; i++)
        unit *= 10;
    u64 v = scaled(n, scale * unit, of);
    put_number(to, v / unit);
    if (!decimals)
        return;
    *(*to)++ = '.';
    for (u64 part = v % unit; unit /= 10; part %= unit)
        *(*to)++ = (char)('0' + part / unit);
}

/* True if a queue that was not empty for `queued` us is shown. Half a second is
 * enough, because Solaris samples once a second. In a short interval half a
 * percent of it is enough, because our kernel measures the time. */
static bool seen(u64 queued, u64 us)
{
    return queued >= 500000 || (queued && queued * 200 >= us);
}

static void put_value(char **to, const struct column *c, const s64 v[4], u64 us)
{
    u64 n = v[0] > 0 ? (u64)v[0] : 0, kb = PAGE / 1024, blocks = PAGE / 512;
    u64 all = (u64)(v[0] + v[1] + v[2] + v[3]), second = (u64)v[1];
    switch (c->kind) {
    case COL_LEVEL:
    case COL_DELTA:
        put_number(to, n);
        break;
    case COL_TICKS:
        put_number(to, n / 10000);
        break;
    case COL_KB:
        put_number(to, n * kb);
        break;
    case COL_BLOCKS:
        put_number(to, n * blocks);
        break;
    case COL_RATE:
        put_scaled(to, n, 1000000, us, c->decimals);
        break;
    case COL_KB_RATE:
        put_scaled(to, n, kb * 1000000, us, c->decimals);
        break;
    case COL_BLK_RATE:
        put_scaled(to, n, blocks * 1000000, us, c->decimals);
        break;
    case COL_PERCENT:
        put_scaled(to, n, 100, all, c->decimals);
        break;
    case COL_HITS: /* no requests: 100% hits */
        put_scaled(to, n ? (second < n ? n - second : 0) : 1, 100, n ? n : 1,
                   c->decimals);
        break;
    case COL_PAIR:
        put_pair(to, n, second);
        break;
    case COL_SHARE:
        put_scaled(to, n, 100, us, c->decimals);
        break;
    case COL_MEAN:
        put_scaled(to, n, 1, us, c->decimals);
        break;
    case COL_RATIO:
        if (seen(second, us))
            put_scaled(to, n, 1, second, c->decimals);
        break;
    case COL_OCC:
        if (seen(n, us))
            put_scaled(to, n, 100, us, c->decimals);
        break;
    case COL_MS_EACH:
        put_scaled(to, n, 1, second * 1000, c->decimals);
        break;
    }
}

void cell_text(const struct column *c, const struct sample *a,
               const struct sample *b, char *text)
{
    bool level = c->kind == COL_LEVEL || c->kind == COL_KB ||
                 c->kind == COL_BLOCKS || c->kind == COL_PAIR ||
                 c->kind == COL_TICKS;
    s64 v[4];
    if (words(c, a, b, !level, v))
        put_value(&text, c, v, sample_us(a, b));
    else
        *text++ = '-';
    *text = '\0';
}

/* ---- rows ---- */

#define MOST 8
static struct {
    enum output o, other;
    const char *name, *instead;
} changes[MOST];
static unsigned nchanges;

void column_instead(enum output o, const char *name, enum output other,
                    const char *instead)
{
    for (unsigned i = 0; i < nchanges; i++)
        if (changes[i].o == o && !strcmp(changes[i].name, name)) {
            changes[i].other = other;
            changes[i].instead = instead;
            return;
        }
    if (nchanges == MOST)
        return;
    changes[nchanges].o = o;
    changes[nchanges].name = name;
    changes[nchanges].other = other;
    changes[nchanges++].instead = instead;
}

static const struct column *named(enum output o, const char *name)
{
    unsigned i = 0;
    while (columns[i].output != o || strcmp(columns[i].name, name) != 0)
        i++;
    return &columns[i];
}

/* Returns the column to print in the place of columns[i]. */
static const struct column *shown(unsigned i)
{
    const struct column *c = &columns[i];
    for (unsigned k = 0; k < nchanges; k++)
        if (changes[k].o == c->output && !strcmp(changes[k].name, c->name))
            return named(changes[k].other, changes[k].instead);
    return c;
}

void print_names(enum output o, bool lead)
{
    for (unsigned i = 0; i < ncolumns; i++) {
        const struct column *c = shown(i);
        if (columns[i].output != o)
            continue;
        printf("%s%*s", lead ? " " : "", c->width, c->name);
        lead = true;
    }
    printf("\n");
}

/* Returns c's source, with disk0 replaced by another disk. */
static const char *of_disk(const struct column *c, unsigned disk)
{
    static char source[96];
    for (size_t k = 0; k <= strlen(c->source); k++)
        source[k] = k >= 4 && !memcmp(c->source + k - 4, "disk0", 5)
                        ? (char)('0' + disk)
                        : c->source[k];
    return source;
}

/* True for Solaris's vmstat (adjprintf): the cells after one that is too wide
 * lose blanks until they are in their columns again. In all other outputs the
 * cells that follow are shifted. */
static bool catches_up(enum output o)
{
    return o == OUT_VMSTAT || o == OUT_VMSTAT_P;
}

static void print_row(enum output o, bool lead, unsigned disk,
                      const struct sample *a, const struct sample *b)
{
    static char row[512];
    size_t n = 0, due = 0; /* bytes so far, and where they should end */
    for (unsigned i = 0; i < ncolumns; i++) {
        char text[32];
        struct column c = *shown(i);
        if (columns[i].output != o)
            continue;
        c.source = of_disk(&c, disk);
        cell_text(&c, a, b, text);
        due = (catches_up(o) ? due : n) + lead + c.width;
        if (lead)
            row[n++] = ' ';
        for (size_t len = strlen(text); n + len < due;)
            row[n++] = ' ';
        memcpy(row + n, text, strlen(text));
        n += strlen(text);
        lead = true;
    }
    row[n] = '\0';
    printf("%s\n", row);
}

void print_cells(enum output o, bool lead, const struct sample *a,
                 const struct sample *b)
{
    print_row(o, lead, 0, a, b);
}

void print_cells_of_disk(enum output o, unsigned disk, const struct sample *a,
                         const struct sample *b)
{
    print_row(o, true, disk, a, b);
}

void print_totals(enum output o)
{
    static struct sample none, s;
    bool first = true;
    s = sample_now("vmstat");
    for (unsigned i = 0; i < ncolumns; i++) {
        char text[32];
        if (columns[i].output != o)
            continue;
        cell_text(&columns[i], &none, &s, text);
        if (!columns[i].width) { /* part of the line before */
            printf(" (%s %s%%)", columns[i].name, text);
            continue;
        }
        printf("%s%*s %s", first ? "" : "\n", columns[i].width, text,
               columns[i].name);
        first = false;
    }
    printf("\n");
}

void print_columns_help(enum output o)
{
    for (unsigned i = 0; i < ncolumns; i++) {
        const struct column *c = &columns[i];
        if (c->output != o)
            continue;
        printf("%-9s %s", c->name, c->measures);
        if (*c->source)
            printf(" (/proc/counters: %s)", c->source);
        printf("\n");
        if (*c->isnt)
            printf("%-9s %s\n", "", c->isnt);
    }
}

u64 delay_ms(const char *p)
{
    u64 s = take_number(&p, 10), ms = s * 1000;
    if (*p == '.')
        for (u64 unit = 100; *++p >= '0' && *p <= '9'; unit /= 10)
            ms += (u64)(*p - '0') * unit;
    return *p || s >> 50 ? 0 : ms;
}
