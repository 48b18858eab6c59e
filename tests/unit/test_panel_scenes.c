/* SPDX-License-Identifier: MIT */
// rooms: panel inspect machine history boot dev engine time mmu hart isa base linux xv6 source
/* Runs the scenes in tests/panel/scenes/: what the panel says, shows and does
 * on a made-up display (synthetic.h) of 4096 frames, 1280 x 800 pixels. A line
 * at the margin names a scene, the lines below it are its steps:
 *
 *   PATH = EXPR         sets state of scene_fields.h: buddy[4] = 2,
 *                       kind[*] = free, procs[0..2].pid = 7 + i; also += and -=
 *   PATH .NAME EXPR ... the same for members of a struct
 *   EXPR OP EXPR        holds: == != < <= > >=; ~ contains, !~ does not
 *   says "TEXT" ...     the picture has these texts; lacks: it has not
 *   key K ..., type "TEXT", wheel N PLACE, release, leave
 *   click | right | point | press | drag PLACE [X% [Y%]]
 *                       input; then `sent` are the commands that it sent,
 *                       `lights` the words that it lit, `typed` the keys for
 *                       the guest, `told` the caption
 *   size W H [FRAMES], story NAME, select N, explain "TEXT", show [N]: another
 *                       machine; story.h; clicks' results; N more displays
 *   let NAME EXPR       $NAME is its value from here on
 *   times N STEP        a step again and again
 *   use NAME ARG ...    the steps under `define NAME`, $1 being its first ARG
 *   each NAME ...: ROW | ROW   in front of the steps: runs them for each row
 *
 * `|` goes on with the line above, `#` begins a comment. PLACE is a "TEXT" of
 * the picture, pane NAME, frame N, slot N, disk, free-list, hit KIND WHAT,
 * round PLACE, or X Y W H of PLACE in percent; "=TEXT" is the whole text, and
 * after a text or hit, 2 is the second. EXPR is a number, a "TEXT", a word (of
 * a state, a reason, a tab), a PATH, i (the index), or a measure: see
 * measures[];
 * + - * / apply from the left. */
#include <ctype.h>
#include <glob.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../panel/press.h"
#include "../panel/story.h"
#include "panel/map/map.h"

enum { TEXT = 300 };

static struct run {
    struct scene s;
    struct calls_seen h;
    struct controls c;
    bool drawn;
    char sent[700], lights[96], typed[200], told[TEXT];
    u64 i;
} r;

/* ---- the words of a step ------------------------------------------------- */

static char step[2400], words[2400], step_at[160];
static char *tok[200];
static unsigned ntok, at, nnames;
static struct {
    char name[16], text[TEXT];
} names[40];

__attribute__((noreturn, format(printf, 1, 2))) static void bad(const char *fmt,
                                                                ...)
{
    char why[2 * TEXT];
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    fail_msg("%s: %s\n    %s", step_at, why, step);
    abort();
}

/* Splits at blanks; a text keeps its first quote. */
static unsigned split(char *line, char **to)
{
    unsigned n = 0;
    for (char *p = line; (p += strspn(p, " ")), *p; n++) {
        char *end = *p == '"' ? strchr(p + 1, '"') : p + strcspn(p, " ");
        if (!end || n == ARRAY_LEN(tok))
            bad("a text does not end, or the step is too long");
        to[n] = p;
        p = *end ? end + 1 : end;
        *end = 0;
    }
    return n;
}

static void let(const char *name, const char *text)
{
    unsigned i = 0;
    while (i < nnames && strcmp(names[i].name, name))
        i++;
    if (i == ARRAY_LEN(names))
        bad("too many names");
    nnames += i == nnames;
    snprintf(names[i].name, sizeof names[i].name, "%s", name);
    snprintf(names[i].text, sizeof names[i].text, "%s", text);
}

/* Puts values in the place of $names, and splits the step. */
static void take(const char *line)
{
    size_t n = 0;
    for (const char *p = line; *p && n + TEXT < sizeof step; p++) {
        unsigned i = 0;
        size_t len = 0;
        while (*p == '$' && isalnum((u8)p[len + 1]))
            len++;
        while (len && i < nnames &&
               (strncmp(names[i].name, p + 1, len) || names[i].name[len]))
            i++;
        if (len && i == nnames)
            bad("no such name: %s", p);
        n += (size_t)sprintf(step + n, "%.*s", len ? TEXT : 1,
                             len ? names[i].text : p);
        p += len;
    }
    step[n] = 0;
    memcpy(words, step, sizeof words);
    ntok = split(words, tok);
    at = 0;
}

static char *next(void)
{
    if (at == ntok)
        bad("its end is missing");
    return tok[at++];
}

static bool next_is(const char *word)
{
    bool is = at < ntok && !strcmp(tok[at], word);
    at += is;
    return is;
}

static s64 number_of(const char *text)
{
    char *end;
    u64 n = strtoull(text, &end, 0);
    if (!*text || *end)
        bad("no number: %s", text);
    return (s64)n;
}

/* "=min" is the whole text, "min" a part of it. */
static bool matches(const char *text, const char *pattern)
{
    return *pattern == '=' ? !strcmp(text, pattern + 1)
                           : strstr(text, pattern) != NULL;
}

static struct draw plan(void)
{
    if (!r.drawn)
        scene_draw(&r.s);
    r.drawn = true;
    return scene_plan(&r.s);
}

/* ---- state --------------------------------------------------------------- */

#define KIND(x)                                                                \
    _Generic((x),                                                              \
        char *: 't',                                                           \
        const char *: 'p',                                                     \
        u8 *: 'b',                                                             \
        double: 'd',                                                           \
        default: 'n')
#define ROW(name, T, m)                                                        \
    name, KIND(((T *)0)->m), offsetof(T, m), sizeof((T *)0)->m
static const struct field {
    const char *name;
    char kind; /* text, pointer to text, pointer to bytes, double, number */
    size_t offset, size, stride[2];
    unsigned len[2], of;
} fields[] = {
#define FIELD(o, T, m) {ROW(#m, T, m), {0}, {1, 1}, o},
#define ARRAY(o, T, a, m)                                                      \
    {ROW(#a #m, T, a[0] m),                                                    \
     {sizeof((T *)0)->a[0]},                                                   \
     {ARRAY_LEN(((T *)0)->a), 1},                                              \
     o},
#define ARRAYS(o, T, a, b, m)                                                  \
    {ROW(#a "." #b #m, T, a[0].b[0] m),                                        \
     {sizeof((T *)0)->a[0], sizeof((T *)0)->a[0].b[0]},                        \
     {ARRAY_LEN(((T *)0)->a), ARRAY_LEN(((T *)0)->a[0].b)},                    \
     o},
#include "../panel/scene_fields.h"
};

/* Elements of a field: one, or a range. */
struct spot {
    const struct field *f;
    u64 from[2], to[2];
};

static bool constant(const char *word, char *to);

static u64 element(const char *word)
{
    char n[TEXT];
    if (!strcmp(word, "i"))
        return r.i;
    return (u64)number_of(constant(word, n) ? n : word);
}

/* The number of elements of a field; of an array as large as the memory or the
 * swap space, the one now. */
static u64 elements(const struct field *f, unsigned k)
{
    bool swap = !strcmp(f->name, "slot");
    return k || f->kind != 'b' ? f->len[k]
           : swap              ? r.s.d->nslots
                               : r.s.d->nframes;
}

static bool find(const char *path, struct spot *to)
{
    char name[80], word[40];
    unsigned n = 0, k = 0;
    *to = (struct spot){0};
    for (const char *p = path; *p && n + 1 < sizeof name; p++) {
        if (*p != '[' || k == 2) {
            name[n++] = *p;
            continue;
        }
        snprintf(word, sizeof word, "%.*s", (int)strcspn(p + 1, "]"), p + 1);
        p += strlen(word) + 1;
        char *dots = strstr(word, "..");
        if (dots)
            *dots = 0;
        to->from[k] = *word == '*' ? 0 : element(word);
        to->to[k] = *word == '*' ? NEVER
                    : dots       ? element(dots + 2)
                                 : to->from[k];
        k++;
    }
    name[n] = 0;
    for (unsigned i = 0; i < ARRAY_LEN(fields); i++)
        if (!strcmp(fields[i].name, name) &&
            (k > 0) == (fields[i].kind == 'b' || fields[i].stride[0]))
            to->f = &fields[i];
    for (k = 0; to->f && k < 2; k++) {
        u64 len = elements(to->f, k);
        to->to[k] = to->to[k] == NEVER ? len - 1 : to->to[k];
        if (to->to[k] >= len)
            bad("%s has no such element", path);
    }
    return to->f;
}

static u8 *address(const struct field *f, u64 i, u64 k)
{
    u8 *p = (u8 *[]){(u8 *)r.s.d, (u8 *)r.s.v, (u8 *)&r}[f->of] + f->offset;
    if (f->kind != 'b')
        return p + i * f->stride[0] + k * f->stride[1];
    u8 **bytes = (u8 **)(void *)p;
    if (!*bytes)
        *bytes = xcalloc(elements(f, 0), 1);
    return *bytes + i;
}

/* Writes a field's value as a text; all ones (none) as -1. */
static void get(const struct spot *from, char *to)
{
    const struct field *f = from->f;
    const u8 *p = address(f, from->from[0], from->from[1]);
    size_t size = f->kind == 'b' ? 1 : f->size;
    s64 n = 0;
    double real;
    if (f->kind == 't' || f->kind == 'p') {
        snprintf(to, TEXT, "%s",
                 f->kind == 't' ? (const char *)p
                                : *(const char *const *)(const void *)p);
        return;
    }
    if (f->kind == 'd') {
        memcpy(&real, p, sizeof real);
        snprintf(to, TEXT, "%g", real);
        return;
    }
    memcpy(&n, p, size < sizeof n ? size : sizeof n);
    if (size == 4 && (u32)n == ~0u)
        n = -1;
    snprintf(to, TEXT, "%lld", (long long)n);
}

static void put_value(const struct field *f, u8 *p, const char *value)
{
    size_t size = f->kind == 'b' ? 1 : f->size;
    s64 n;
    double real;
    if (f->kind == 't')
        snprintf((char *)p, size, "%s", value);
    else if (f->kind == 'p')
        memcpy(p, &(char *){xstrdup(value)}, sizeof(char *));
    else if (f->kind == 'd')
        memcpy(p, &(double){real = strtod(value, NULL)}, sizeof real);
    else if (size > sizeof n) /* a struct */
        memset(p, 0, size);
    else
        memcpy(p, &(s64){n = number_of(value)}, size);
}

static void expression(char *to, bool left);

/* Sets elements of a field to what stands at `from`: = += -= */
static void set(const struct spot *to, const char *how)
{
    unsigned from = at;
    for (u64 i = to->from[0]; i <= to->to[0]; i++)
        for (u64 k = to->from[1]; k <= to->to[1]; k++) {
            struct spot one = {to->f, {i, k}, {i, k}}, other;
            u8 *p = address(to->f, i, k);
            char value[TEXT], was[TEXT];
            at = from;
            r.i = to->from[1] < to->to[1] ? k : i;
            if (to->f->kind == 'n' && to->f->size > 8 &&
                find(tok[at], &other)) { /* a struct, as a whole */
                memmove(p, address(other.f, other.from[0], other.from[1]),
                        to->f->size);
                at++;
                continue;
            }
            expression(value, false);
            if (*how != '=') {
                s64 n = number_of(value);
                get(&one, was);
                n = number_of(was) + (*how == '+' ? n : -n);
                snprintf(value, sizeof value, "%lld", (long long)n);
            }
            put_value(to->f, p, value);
        }
    r.drawn = false;
}

/* ---- places -------------------------------------------------------------- */

static const char *const key_names[] = {
    "Up",     "Down",     "Left",   "Right",  "Home", "End",
    "PageUp", "PageDown", "Insert", "Delete", "F10",  "F12"};

static int key_of(const char *name)
{
    static const char *const plain[] = {"\rEnter", "\tTab",
                                        "\x7f"
                                        "Backspace",
                                        "\x1b"
                                        "Esc",
                                        " space"};
    for (unsigned i = 0; i < ARRAY_LEN(plain); i++)
        if (!strcmp(plain[i] + 1, name))
            return plain[i][0];
    for (unsigned i = 0; i < ARRAY_LEN(key_names); i++)
        if (!strcmp(key_names[i], name))
            return KEY_UP + (int)i;
    return name[1] ? (int)number_of(name) : (u8)*name;
}

/* The hits of a kind (none: any kind) with a subject. */
static struct {
    u64 kind, what;
    const char *text;
} wanted;

static void want(void)
{
    static const char *const kinds[] = {"none",  "word", "term",  "ask",
                                        "frame", "key",  "light", "events",
                                        "line",  "show", "why"};
    const char *kind = next(), *what = next();
    for (wanted.kind = 0; strcmp(kinds[wanted.kind], kind);)
        if (++wanted.kind == ARRAY_LEN(kinds))
            bad("no such hit: %s", kind);
    wanted.text = *what == '"' ? what + 1 : NULL;
    wanted.what = wanted.text              ? 0
                  : wanted.kind == HIT_KEY ? (u64)key_of(what)
                                           : element(what);
}

static bool is_wanted(const struct hit *h)
{
    const char *t = wanted.text;
    return h->kind == wanted.kind &&
           (t ? (h->word && matches(h->word, t)) ||
                    (h->text && matches(h->text, t)) || matches(h->line, t)
              : h->what == wanted.what);
}

static struct rect place(void);

static bool place_if(struct rect *to)
{
    const char *what = next();
    struct draw g = plan();
    if (*what == '"' || !strcmp(what, "hit")) {
        if (*what != '"')
            want();
        bool nth = at < ntok && isdigit((u8)*tok[at]) && !tok[at][1];
        unsigned k = nth ? (unsigned)number_of(next()) - 1 : 0;
        for (unsigned i = 0; *what == '"' && i < r.s.log.n; i++)
            if (matches(r.s.log.rec[i].text, what + 1) && !k--)
                return *to = r.s.log.rec[i].at, true;
        for (unsigned i = 0; *what != '"' && i < r.s.v->nhits; i++)
            if (is_wanted(&r.s.v->hit[i]) && !k--)
                return *to = r.s.v->hit[i].at, true;
        return false;
    }
    if (!strcmp(what, "tag")) /* of the latest event: written last */
        return *to = r.s.log.rec[r.s.log.n - 1].at, true;
    if (!strcmp(what, "pane"))
        return *to = g.l.at[element(next())], to->w > 0;
    if (!strcmp(what, "disk") || !strcmp(what, "free-list"))
        return *what == 'd' ? place_disk(&g, to) : place_free(&g, to);
    if (!strcmp(what, "round")) {
        bool there = place_if(to);
        return *to = rect_inset(*to, -10), there;
    }
    bool slot = !strcmp(what, "slot");
    if (slot || !strcmp(what, "frame")) {
        u64 number = element(next());
        return slot ? place_slot(&g, number, to) : place_frame(&g, number, to);
    }
    if (!strcmp(what, "between")) { /* the end of one, the begin of another */
        struct rect a = place(), b = place();
        *to = (struct rect){a.x + a.w, a.y, b.x - a.x - a.w, a.h};
        return true;
    }
    int part[4] = {(int)number_of(what)};
    for (unsigned i = 1; i < 4; i++)
        part[i] = (int)number_of(next());
    if (!next_is("of") || !place_if(to))
        return false;
    *to = (struct rect){to->x + to->w * part[0] / 100,
                        to->y + to->h * part[1] / 100, to->w * part[2] / 100,
                        to->h * part[3] / 100};
    return true;
}

static struct rect place(void)
{
    unsigned from = at;
    struct rect to = {0};
    if (!place_if(&to))
        bad("it is nowhere: %s", tok[from]);
    return to;
}

/* `in PLACE`, or the whole picture. */
static struct rect in_place(void)
{
    return next_is("in") ? place() : (struct rect){0, 0, r.s.fb.w, r.s.fb.h};
}

static bool meet(struct rect a, struct rect b)
{
    struct rect both = rect_cut(a, b);
    return both.w > 0 && both.h > 0;
}

/* ---- measures and words -------------------------------------------------- */

static u32 colour(const struct draw *g)
{
#define COLOUR(m)                                                              \
    {                                                                          \
#m, offsetof(struct theme, m)                                          \
    }
    static const struct {
        const char *name;
        size_t offset;
    } of_theme[] = {COLOUR(page),  COLOUR(pane), COLOUR(band), COLOUR(rule),
                    COLOUR(ink),   COLOUR(dim),  COLOUR(good), COLOUR(fair),
                    COLOUR(warn),  COLOUR(bad),  COLOUR(io),   COLOUR(data),
                    COLOUR(accent)};
    const char *name = next();
    bool old = !strncmp(name, "old-", 4); /* of a page not used lately */
    for (unsigned i = 0; i < ARRAY_LEN(of_theme); i++)
        if (!strcmp(of_theme[i].name, name))
            return *(const u32 *)((const char *)g->t + of_theme[i].offset);
    if (!strcmp(name, "way")) /* of the latest event's page */
        return way_colour(g, event_way(&r.s.d->events[0]));
    for (unsigned i = 0; i < FS_COUNT; i++)
        if (!strcmp(ins_states[i].word, name + 4 * old))
            return g->t->kind[i][!old];
    bad("no such colour: %s", name);
}

static s64 pixels(void)
{
    struct rect of = place();
    struct draw g = plan();
    return scene_count(&r.s, of, colour(&g));
}

static s64 texts(void)
{
    const char *text = next() + 1;
    struct rect in = in_place();
    s64 n = 0;
    plan();
    for (unsigned i = 0; i < r.s.log.n; i++)
        n += matches(r.s.log.rec[i].text, text) && meet(r.s.log.rec[i].at, in);
    return n;
}

static s64 hits(void)
{
    want();
    struct rect in = in_place();
    s64 n = 0;
    plan();
    for (unsigned i = 0; i < r.s.v->nhits; i++)
        n += is_wanted(&r.s.v->hit[i]) && meet(r.s.v->hit[i].at, in);
    return n;
}

/* The other texts that lie over a place. */
static s64 covered(void)
{
    struct rect of = place();
    s64 n = 0;
    for (unsigned i = 0; i < r.s.log.n; i++) {
        const struct fb_text_record *t = &r.s.log.rec[i];
        n += memcmp(&t->at, &of, sizeof of) &&
             meet(rect_cut(t->at, t->clip), of);
    }
    return n;
}

static s64 left_edge(void)
{
    return place().x;
}

static s64 upper_edge(void)
{
    return place().y;
}

static s64 width(void)
{
    return place().w;
}

static s64 height(void)
{
    return place().h;
}

static s64 inside(void)
{
    struct rect a = place(), both = rect_cut(a, place());
    return both.w == a.w && both.h == a.h;
}

static s64 meets(void)
{
    struct rect a = place();
    return meet(a, place());
}

static s64 shown(void)
{
    struct rect unused;
    return place_if(&unused);
}

static s64 sum(void) /* of all pixels */
{
    struct rect of = place();
    u32 n = 0;
    for (int i = 0; i < of.w * of.h; i++)
        n = n * 31 + scene_px(&r.s, of.x + i % of.w, of.y + i / of.w);
    return n;
}

/* Percent of the way between two places that an arrow of that colour lies on;
 * an arrow may be thinner than 2 pixels, so its colour is nearly that. */
static s64 arrow(void)
{
    struct rect a = place(), b = place();
    struct draw g = plan();
    u32 of = colour(&g);
    s64 n = 0;
    for (int i = 15; i <= 85; i++) {
        int x = a.x + a.w / 2 + (b.x + b.w / 2 - a.x - a.w / 2) * i / 100;
        int y = a.y + a.h / 2 + (b.y + b.h / 2 - a.y - a.h / 2) * i / 100;
        bool near = false;
        for (int k = 0; k < 9; k++) {
            u32 px = scene_px(&r.s, x + k % 3 - 1, y + k / 3 - 1);
            bool like = true;
            for (int c = 0; c < 24; c += 8)
                like &= abs((int)(px >> c & 255) - (int)(of >> c & 255)) <= 70;
            near |= like;
        }
        n += near;
    }
    return n * 100 / 71;
}

static const struct {
    const char *name;
    s64 (*take)(void);
} measures[] = {{"pixels", pixels},   {"texts", texts},   {"hits", hits},
                {"covered", covered}, {"x", left_edge},   {"y", upper_edge},
                {"width", width},     {"height", height}, {"inside", inside},
                {"shown", shown}, {"meets", meets},     {"sum", sum},       {"arrow", arrow}};

static bool constant(const char *word, char *to)
{
    static const struct {
        const char *word;
        u64 n;
    } more[] = {{"none", NEVER},
                {"no-pfn", LENS_NO_PFN},
                {"sleeping", PS_SLEEPING},
                {"on-disk", PS_DISK},
                {"slot-used", SLOT_USED},
                {"slot-cached", SLOT_CACHED},
                {"in-walk", WALK_RUNNING},
                {"faulted", WALK_FAULTED},
                {"step-fault", STEP_FAULT},
                {"area-heap", AREA_HEAP},
                {"area-map", AREA_MAP},
                {"area-stack", AREA_STACK},
                {"hot", STRIP_HOT},
                {"in-swap", STRIP_SWAP},
                {"untouched", STRIP_NEVER},
                {"pageout", ACTOR_PAGEOUT},
                {"of-lane", EVENTS_LANE},
                {"of-pid", EVENTS_PROC},
                {"news-age", NEWS_AGE},
                {"faults", EVENTS_FAULTS}};
    unsigned n = 0;
    for (; n < ARRAY_LEN(more); n++)
        if (!strcmp(more[n].word, word))
            return sprintf(to, "%lld", (long long)more[n].n);
    for (n = 0; n < PANES; n++)
        if (!strcmp(panes[n].name, word))
            return sprintf(to, "%u", n);
    for (n = 0; n < FS_COUNT; n++)
        if (!strcmp(ins_states[n].word, word))
            return sprintf(to, "%u", n);
    for (n = 0; n < R_COUNT; n++)
        if (!strcmp(ins_reasons[n].word, word))
            return sprintf(to, "%u", n);
    for (n = 0; n < C_COUNT; n++)
        if (!strcmp(ins_counters[n].name, word))
            return sprintf(to, "%u", n);
    return false;
}

/* On the left a word is a path first, on the right a word of its own. */
static void term(char *to, bool left)
{
    const char *t = next();
    struct spot spot;
    snprintf(to, TEXT, "%s", t + (*t == '"'));
    if (*t == '"' || isdigit((u8)*t) || *t == '-' || *t == '.')
        return;
    for (unsigned i = 0; i < ARRAY_LEN(measures); i++)
        if (!strcmp(measures[i].name, t)) {
            snprintf(to, TEXT, "%lld", (long long)measures[i].take());
            return;
        }
    if (!strcmp(t, "i"))
        snprintf(to, TEXT, "%llu", (unsigned long long)r.i);
    else if (!left && constant(t, to))
        return;
    else if (find(t, &spot))
        get(&spot, to);
    else
        bad("what is %s?", t);
}

static void expression(char *to, bool left)
{
    char more[TEXT];
    term(to, left);
    while (at < ntok && strlen(tok[at]) == 1 && strchr("+-*/", *tok[at])) {
        char op = *next();
        term(more, false);
        s64 a = number_of(to), b = number_of(more);
        s64 n = op == '+'   ? a + b
                : op == '-' ? a - b
                : op == '*' ? a * b
                            : a / b;
        snprintf(to, TEXT, "%lld", (long long)n);
    }
}

static bool is_number(const char *text)
{
    return isdigit((u8)*text) || (*text == '-' && isdigit((u8)text[1]));
}

static void compare(void)
{
    char a[TEXT], b[TEXT];
    plan();
    snprintf(r.told, sizeof r.told, "%s", view_caption(r.s.v, r.s.d));
    expression(a, true);
    const char *op = next();
    expression(b, !is_number(a));
    bool numbers = is_number(a) && is_number(b), holds;
    s64 x = numbers ? number_of(a) : strcmp(a, b),
        y = numbers ? number_of(b) : 0;
    if (!strcmp(op, "~") || !strcmp(op, "!~"))
        holds = (strstr(a, b) != NULL) == (*op == '~');
    else if (!strcmp(op, "==") || !strcmp(op, "!="))
        holds = (x == y) == (*op == '=');
    else if (*op == '<' || *op == '>')
        holds = (op[1] && x == y) || (*op == '<' ? x < y : x > y);
    else
        bad("what is %s?", op);
    if (!holds)
        bad("\"%s\" %s \"%s\" does not hold", a, op, b);
}

/* ---- verbs --------------------------------------------------------------- */

static void says(void)
{
    bool there = !strcmp(tok[at - 1], "says");
    plan();
    while (at < ntok) {
        const char *text = next() + 1;
        bool found = false;
        for (unsigned i = 0; i < r.s.log.n; i++)
            found |= matches(r.s.log.rec[i].text, text);
        if (found != there)
            bad("%s says \"%s\"", there ? "nothing" : "something", text);
    }
}

static void hit(void)
{
    struct rect of = place();
    const struct hit *h = view_hit(r.s.v, of.x + of.w / 2, of.y + of.h / 2);
    want();
    if (!h || !is_wanted(h))
        bad("there is a hit of kind %d, %llu \"%s\" \"%s\"", h ? h->kind : 0,
            h ? (unsigned long long)h->what : 0, h ? h->line : "",
            h && h->word ? h->word : "");
}

static void keys(void)
{
    while (at < ntok) {
        const char *k = next();
        bool ctrl = *k == '^' && k[1];
        controls_key(&r.c, key_of(k + ctrl), ctrl);
    }
}

static void type(void)
{
    for (const char *p = next() + 1; *p; p++)
        controls_key(&r.c, (u8)*p, false);
}

static void pointer(void)
{
    const char *how = tok[at - 1];
    int steps = *how == 'w' ? (int)number_of(next()) : 0;
    struct rect of = place();
    int part[2] = {50, 50};
    for (unsigned i = 0; i < 2 && at < ntok; i++)
        part[i] = atoi(next());
    int x = of.x + (of.w - 1) * part[0] / 100;
    int y = of.y + (of.h - 1) * part[1] / 100;
    if (*how == 'w')
        controls_wheel(&r.c, steps, x, y);
    else
        controls_move(&r.c, x, y);
    if (!strcmp(how, "right"))
        controls_why(&r.c, x, y);
    if (!strcmp(how, "press") || !strcmp(how, "click"))
        controls_press(&r.c, x, y);
    if (!strcmp(how, "click"))
        controls_release(&r.c, x, y);
}

static void release(void)
{
    controls_release(&r.c, r.s.v->pointer_x, r.s.v->pointer_y);
}

static void leave(void)
{
    controls_leave(&r.c);
}

static void select_frame(void)
{
    controls_select_frame(&r.c, (s64)element(next()));
}

static void explain(void)
{
    view_note(r.s.v, r.s.d, "%s", next() + 1);
}

/* Input, and the answer of the session to it. */
static void input(void (*does)(void))
{
    s64 selected = r.h.selected;
    plan();
    memset(&r.h, 0, sizeof r.h);
    r.h.selected = selected;
    does();
    r.sent[0] = r.typed[0] = 0;
    for (unsigned i = 0; i < r.h.nlines; i++)
        snprintf(r.sent + strlen(r.sent), sizeof r.sent - strlen(r.sent),
                 "%s%s", i ? "; " : "", r.h.lines[i]);
    for (size_t i = 0; i < r.h.nkeys; i++) {
        u8 k = (u8)r.h.keys[i];
        snprintf(r.typed + strlen(r.typed), sizeof r.typed - strlen(r.typed),
                 k < ' ' ? "^%c" : "%c", k < ' ' ? k + '@' : k);
    }
    snprintf(r.lights, sizeof r.lights, "%s", r.h.nlight ? r.h.light : "-");
    if (r.h.nlight)
        snprintf(r.s.d->lit_words, sizeof r.s.d->lit_words, "%s", r.h.light);
    controls_observe(&r.c, false);
    r.drawn = false;
}

static void fresh(int w, int h, u64 nframes)
{
    if (r.s.d)
        scene_free(&r.s);
    r.s = scene_new(w, h, nframes, false);
    r.c = controls_for(&r.s, &r.h);
    r.drawn = false;
}

static void size(void)
{
    int w = (int)number_of(next()), h = (int)number_of(next());
    fresh(w, h, at < ntok ? (u64)number_of(next()) : 4096);
}

static void slots(void)
{
    u64 total = element(next());
    syn_slots(r.s.d, total + !total, total / 2);
    if (!total) {
        free(r.s.d->slot);
        r.s.d->slot = NULL;
        r.s.d->nslots = 0;
    }
    r.drawn = false;
}

static void story(void)
{
    static const struct {
        const char *name;
        void (*tell)(struct scene *);
    } stories[] = {{"boot", story_boot}, {"fork", story_fork},
                   {"low", story_low},   {"return", story_return},
                   {"walk", story_walk}, {"write-back", story_write_back}};
    const char *name = next();
    for (unsigned i = 0; i < ARRAY_LEN(stories); i++)
        if (!strcmp(stories[i].name, name))
            stories[i].tell(&r.s);
    r.drawn = false;
}

static void show(void)
{
    s64 n = at < ntok ? (s64)element(next()) : 1;
    for (; n > 0; n--)
        view_observe(r.s.v, r.s.d);
    r.drawn = false;
}

static void give_name(void)
{
    char value[TEXT];
    const char *name = next();
    plan();
    expression(value, true);
    let(name, value);
}

static void dump(void)
{
    plan();for (unsigned i = 0; i < nnames; i++) printf("%s=%s ", names[i].name, names[i].text); printf("DUMP\n");
    for (unsigned i = 0; i < r.s.log.n; i++)
        printf("%d,%d %dx%d '%s'\n", r.s.log.rec[i].at.x, r.s.log.rec[i].at.y, r.s.log.rec[i].at.w, r.s.log.rec[i].at.h, r.s.log.rec[i].text);
    for (unsigned i = 0; i < r.s.v->nhits; i++) {
        const struct hit *h = &r.s.v->hit[i];
        printf("hit %d,%d %dx%d %d %llu '%s' '%s'\n", h->at.x, h->at.y, h->at.w, h->at.h, h->kind, (unsigned long long)h->what, h->line, h->word ? h->word : "");
    }
}
static void times(void);
static void use(void);

static const struct {
    const char *name;
    void (*does)(void);
    bool input;
} verbs[] = {{"says", says, false},      {"lacks", says, false},
             {"hit", hit, false}, {"dump", dump, false},       {"let", give_name, false},
             {"size", size, false},      {"story", story, false},       {"slots", slots, false},
             {"show", show, false},      {"times", times, false},
             {"use", use, false},        {"key", keys, true},
             {"type", type, true},       {"click", pointer, true},
             {"right", pointer, true},   {"point", pointer, true},
             {"press", pointer, true},   {"drag", pointer, true},
             {"wheel", pointer, true},   {"release", release, true},
             {"leave", leave, true},     {"select", select_frame, true},
             {"explain", explain, false}};

static void statement(void)
{
    struct spot spot;
    for (unsigned i = 0; i < ARRAY_LEN(verbs); i++)
        if (next_is(verbs[i].name)) {
            if (verbs[i].input)
                input(verbs[i].does);
            else
                verbs[i].does();
            if (at < ntok)
                bad("what is %s?", tok[at]);
            return;
        }
    const char *how = at + 1 < ntok ? tok[at + 1] : "";
    if (!strcmp(how, "=") || !strcmp(how, "+=") || !strcmp(how, "-=")) {
        if (!find(tok[at], &spot))
            bad("no state: %s", tok[at]);
        at += 2;
        set(&spot, how);
    } else if (*how == '.' && isalpha((u8)how[1])) {
        const char *path = next();
        while (at < ntok) {
            char member[120];
            snprintf(member, sizeof member, "%s%s", path, next());
            if (!find(member, &spot))
                bad("no state: %s", member);
            set(&spot, "=");
        }
    } else {
        compare();
    }
    if (at < ntok)
        bad("what is %s?", tok[at]);
}

static void times(void)
{
    s64 n = number_of(next());
    unsigned from = at;
    for (; n > 0; n--) {
        at = from;
        statement();
    }
}

/* ---- scenes -------------------------------------------------------------- */

static struct line {
    char *text;
    const char *file;
    unsigned number;
} lines[4000]; /* of one scene after another: a name, then its steps */
static unsigned nlines;

static void run_steps(const struct line *l)
{
    for (; l->text && *l->text == ' '; l++) {
        snprintf(step_at, sizeof step_at, "%s:%u", l->file, l->number);
        snprintf(step, sizeof step, "%s", l->text);
        take(l->text);
        statement();
    }
}

static void use(void)
{
    char name[40], number[4];
    snprintf(name, sizeof name, "define %s", next());
    for (unsigned i = 1; at < ntok; i++) {
        snprintf(number, sizeof number, "%u", i);
        const char *t = next();
        let(number, t + (*t == '"'));
    }
    for (unsigned i = 0; i < nlines; i++)
        if (!strcmp(lines[i].text, name)) {
            run_steps(&lines[i + 1]);
            at = ntok;
            return;
        }
    bad("no such thing: %s", name);
}

/* Gives the names of `each` their values in a row; returns the number of rows.
 */
static unsigned bind(const char *line, unsigned row)
{
    take(line);
    unsigned first = at = 1, n = 0, rows = 0;
    while (strcmp(next(), ":"))
        n++;
    for (unsigned cell = 0; at < ntok; cell++) {
        const char *t = next();
        if (*t == '|')
            cell--;
        else if (cell / n == row)
            let(tok[first + cell % n], t + (*t == '"'));
        rows = (cell + 1) / n;
    }
    return rows;
}

static void run_scene(void **state)
{
    const struct line *l = *state;
    unsigned row[4] = {0}, n = 0, k;
    do {
        nnames = 0;
        for (n = 0; l[1 + n].text && !strncmp(l[1 + n].text, " each ", 6); n++)
            bind(l[1 + n].text, row[n]);
        fresh(1280, 800, 4096);
        run_steps(l + 1 + n);
        for (k = 0; k < n; k++) {
            if (++row[k] < bind(l[1 + k].text, 0))
                break;
            row[k] = 0;
        }
    } while (k < n);
}

/* Keeps the steps of a line, which "; " separates outside of texts. */
static void keep(char *line, const char *file, unsigned number)
{
    const char *at_line = *line == ' ' ? " " : "";
    for (char *p = line, *from = line; from; p++) {
        if (*p == '"' && strchr(p + 1, '"'))
            p = strchr(p + 1, '"');
        if (*p && (*p != ';' || p[1] != ' ' || !*at_line))
            continue;
        bool last = !*p;
        *p = 0;
        if (nlines + 1 == ARRAY_LEN(lines) ||
            asprintf(&lines[nlines].text, "%s%s", at_line,
                     from + strspn(from, " ")) < 0)
            abort();
        lines[nlines].file = file;
        lines[nlines++].number = number;
        from = last ? NULL : p + 1;
    }
}

static void load(const char *file)
{
    FILE *f = fopen(file, "r");
    char text[4000] = "", more[2000];
    unsigned number = 0, first = 0;
    while (f && fgets(more, sizeof more, f) && ++number) {
        const char *word = more + strspn(more, " ");
        more[strcspn(more, "\n")] = 0;
        if (!*word || *word == '#')
            continue;
        if (*word == '|') { /* goes on with the line before */
            snprintf(text + strlen(text), sizeof text - strlen(text), " %s",
                     word);
            continue;
        }
        if (*text)
            keep(text, file, first);
        memcpy(text, more, sizeof more);
        first = number;
    }
    if (*text)
        keep(text, file, first);
    if (f)
        fclose(f);
}

int main(int argc, char **argv)
{
    static struct CMUnitTest tests[400];
    unsigned n = 0;
    glob_t found;
    glob("tests/panel/scenes/*.scene", 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (argc < 2 || strstr(found.gl_pathv[i], argv[1]))
            load(found.gl_pathv[i]);
    for (unsigned i = 0; i < nlines && n < ARRAY_LEN(tests); i++)
        if (*lines[i].text != ' ' && strncmp(lines[i].text, "define ", 7))
            tests[n++] = (struct CMUnitTest){lines[i].text, run_scene, NULL,
                                             NULL, &lines[i]};
    return _cmocka_run_group_tests("scenes", tests, n, NULL, NULL);
}
