/* SPDX-License-Identifier: MIT */
// rooms: panel inspect machine history boot dev engine time mmu hart isa base linux xv6 dwarf
/* Runs the scenes in tests/panel/scenes/: what the panel says, shows and does
 * on a made-up display (synthetic.h) of 4096 frames, 1280 x 800 pixels. A line
 * at the margin names a scene; steps are indented below it, or follow a "; ":
 *
 *   PATH = EXPR         sets state of scene_fields.h: buddy[4] = 2,
 *                       kind[*] = free, procs[0..2].pid = 7 + i; also += and -=
 *   PATH .NAME EXPR ... sets members of a struct
 *   EXPR OP EXPR        must hold: == != < <= > >=; ~ contains, !~ does not
 *   says "TEXT" ...     the picture must have these texts; lacks: must not
 *   hit PLACE KIND WHAT a click there must have that effect (enum hit_kind)
 *   key K | "LETTERS" ..., select PFN, wheel N PLACE, release, leave
 *   click | right | point | press | drag PLACE [X% [Y%]]
 *                       input; then `sent` are its commands, `lights` the words
 *                       that it lit ("-": none), `typed` the guest's keys, and
 *                       `told` is the caption
 *   size W H [FRAMES]   makes another machine; slots N: another swap area
 *   explain "TEXT"      says TEXT as a click does; show [N]: N (or 1) displays
 *   let NAME EXPR       $NAME is its value in all later steps
 *   times N STEP        runs a step N times
 *   use NAME ARG ...    runs the steps under `define NAME`; $1 is the first ARG
 *   each NAME ... : ROW | ROW   before all steps: the scene runs for each row
 *
 * `|` lines extend the one above, `#` lines are comments. PLACE is a "TEXT" of
 * the picture, pane NAME, frame N, slot N, disk, free-list, tag, pointer, hit
 * KIND WHAT, round PLACE, between PLACE PLACE, or X Y W H of PLACE in percent.
 * "=TEXT" must be a whole text; a 2 after a text or a hit means the second one.
 * EXPR is a number, a "TEXT", a word (of a state, a reason, a tab), a PATH, i
 * (the index), or a measure (places.h), with + - * / from left to right. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../panel/places.h"

/* ---- expressions --------------------------------------------------------- */

/* Puts a term's value into `to`. Unless `left`, a word may be a constant. */
static void term(char *to, bool left)
{
    const char *t = next();
    struct spot spot;
    s64 n;
    snprintf(to, TEXT, "%s", t + (*t == '"'));
    if (*t == '"' || *t == '.' || is_number(t))
        return;
    if (measure(t, &n))
        snprintf(to, TEXT, "%lld", (long long)n);
    else if (!strcmp(t, "i"))
        snprintf(to, TEXT, "%llu", (unsigned long long)r.i);
    else if (!left && constant(t, to))
        return;
    else if (find(t, &spot))
        get(spot.f, address(spot.f, spot.from[0], spot.from[1]), to);
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
        snprintf(to, TEXT, "%lld",
                 (long long)(op == '+'   ? a + b
                             : op == '-' ? a - b
                             : op == '*' ? a * b
                                         : a / b));
    }
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
    s64 x = numbers ? number_of(a) : strcmp(a, b);
    s64 y = numbers ? number_of(b) : 0;
    if (op[strspn(op, "!")] == '~')
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

/* ---- what must hold ------------------------------------------------------ */

static void says(void)
{
    bool there = *tok[at - 1] == 's';
    struct rect all = {0, 0, r.s.fb.w, r.s.fb.h};
    while (at < ntok) {
        const char *text = next() + 1;
        if ((count(text, all, false) > 0) != there)
            bad("%s says \"%s\"", there ? "nothing" : "something", text);
    }
}

static void hit(void)
{
    struct rect of = place();
    const struct hit *h = view_hit(r.s.v, of.x + of.w / 2, of.y + of.h / 2);
    want();
    if (!h || !is_wanted(h))
        bad("a click means %d: %llu \"%s\" \"%s\"", h ? h->kind : 0,
            h ? (unsigned long long)h->what : 0, h ? h->line : "",
            h && h->word ? h->word : "");
}

/* ---- input --------------------------------------------------------------- */

static void keys(void)
{
    while (at < ntok) {
        const char *k = next();
        bool ctrl = *k == '^' && k[1];
        if (*k != '"')
            controls_key(&r.c, key_of(k + ctrl), ctrl);
        for (const char *p = k + 1; *k == '"' && *p; p++)
            controls_key(&r.c, (u8)*p, false);
    }
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
    bool click = !strcmp(how, "click");
    controls_move(&r.c, x, y);
    if (*how == 'w')
        controls_wheel(&r.c, steps, x, y);
    if (!strcmp(how, "right"))
        controls_why(&r.c, x, y);
    if (click || !strcmp(how, "press"))
        controls_press(&r.c, x, y);
    if (click)
        controls_release(&r.c, x, y);
}

static void release(void)
{
    if (*tok[at - 1] == 'l')
        controls_leave(&r.c);
    else
        controls_release(&r.c, r.s.v->pointer_x, r.s.v->pointer_y);
}

static void select_frame(void)
{
    controls_select_frame(&r.c, (s64)element(next()));
}

/* Runs an input verb, then shows the display that the session makes next. */
static void input(void (*does)(void))
{
    struct calls_seen *h = &r.h;
    size_t n = 0;
    plan();
    memset(h, 0, offsetof(struct calls_seen, selected));
    h->nlight = 0;
    does();
    r.sent[0] = r.typed[0] = 0;
    for (unsigned i = 0; i < h->nlines; i++)
        n += (size_t)sprintf(r.sent + n, "%s%s", i ? "; " : "", h->lines[i]);
    n = 0;
    for (size_t i = 0; i < h->nkeys; i++) {
        u8 k = (u8)h->keys[i];
        n += (size_t)sprintf(r.typed + n, k < ' ' ? "^%c" : "%c",
                             k < ' ' ? k + '@' : k);
    }
    snprintf(r.lights, sizeof r.lights, "%s", h->nlight ? h->light : "-");
    if (h->nlight)
        snprintf(r.s.d->lit_words, sizeof r.s.d->lit_words, "%s", h->light);
    controls_observe(&r.c, false);
}

/* ---- the machine --------------------------------------------------------- */

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
    struct ins_display *d = r.s.d;
    u64 n = (u64)number_of(next());
    syn_slots(d, n + !n, n / 2);
    d->nslots = n;
    if (!n) {
        free(d->slot);
        d->slot = NULL;
    }
}

static void explain(void)
{
    view_note(r.s.v, r.s.d, "%s", next() + 1);
}

static void show(void)
{
    u64 n = at < ntok ? element(next()) : 1;
    for (u64 i = 0; i < n; i++)
        controls_observe(&r.c, false);
    syn_sample(r.s.d, 0);
}

static void give_name(void)
{
    char value[TEXT];
    const char *name = next();
    plan();
    expression(value, true);
    let(name, value);
}

/* ---- steps --------------------------------------------------------------- */

static void times(void);
static void use(void);

enum { LOOKS, CHANGES, INPUT };
static const struct {
    const char *name;
    void (*does)(void);
    int how;
} verbs[] = {{"says", says, LOOKS},         {"lacks", says, LOOKS},
             {"hit", hit, LOOKS},           {"let", give_name, LOOKS},
             {"size", size, CHANGES},       {"slots", slots, CHANGES},
             {"explain", explain, CHANGES}, {"show", show, CHANGES},
             {"times", times, CHANGES},     {"use", use, CHANGES},
             {"key", keys, INPUT},          {"click", pointer, INPUT},
             {"right", pointer, INPUT},     {"point", pointer, INPUT},
             {"press", pointer, INPUT},     {"drag", pointer, INPUT},
             {"wheel", pointer, INPUT},     {"release", release, INPUT},
             {"leave", release, INPUT},     {"select", select_frame, INPUT}};

static bool verb(void)
{
    for (unsigned i = 0; i < ARRAY_LEN(verbs); i++)
        if (next_is(verbs[i].name)) {
            if (verbs[i].how == INPUT)
                input(verbs[i].does);
            else
                verbs[i].does();
            r.drawn &= verbs[i].how == LOOKS;
            return true;
        }
    return false;
}

static void statement(void)
{
    char path[2 * TEXT];
    struct spot spot;
    const char *how = at + 1 < ntok ? tok[at + 1] : "";
    if (verb())
        how = "";
    else if (!strcmp(how, "=") || !strcmp(how, "+=") || !strcmp(how, "-=") ||
             (*how == '.' && isalpha((u8)how[1]))) {
        const char *of = next();
        do {
            const char *member = next();
            snprintf(path, sizeof path, "%s%s", of, *how == '.' ? member : "");
            if (!find(path, &spot))
                bad("no state %s", path);
            set(&spot, *how == '.' ? "=" : how);
        } while (*how == '.' && at < ntok);
    } else
        compare();
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

/* Each scene: its name, then its steps, which begin with a blank. */
static struct line {
    char *text;
    const char *file;
    unsigned number;
} lines[6000];
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
    char name[40], number[8];
    snprintf(name, sizeof name, "define %s", next());
    for (int i = 1; at < ntok; i++) {
        snprintf(number, sizeof number, "%d", i);
        let(number, next_plain());
    }
    unsigned i = 0;
    while (i < nlines && strcmp(lines[i].text, name) != 0)
        i++;
    if (i == nlines)
        bad("no define has this name");
    run_steps(&lines[i + 1]);
    at = ntok;
}

/* Binds an `each` line's names to a row's values; returns the count of rows. */
static unsigned bind(const char *line, unsigned row)
{
    unsigned n = 0, cell = 0;
    take(line);
    for (at = 1; !next_is(":"); at++)
        n++;
    while (at < ntok) {
        if (next_is("|"))
            continue;
        const char *value = next_plain();
        if (cell / n == row)
            let(tok[1 + cell % n], value);
        cell++;
    }
    if (!n || cell % n)
        bad("a row has too many or too few values");
    return cell / n;
}

static void run_scene(void **state)
{
    const struct line *l = *state;
    unsigned row[4] = {0}, n, k;
    do {
        nnames = 0;
        for (n = 0; l[1 + n].text && !strncmp(l[1 + n].text, " each ", 6); n++)
            bind(l[1 + n].text, row[n]);
        fresh(1280, 800, 4096);
        run_steps(l + 1 + n);
        for (k = 0; k < n && ++row[k] == bind(l[1 + k].text, 0); k++)
            row[k] = 0;
    } while (k < n);
}

/* Stores a line: a scene's name, or steps that are separated by "; ". */
static void keep(char *line, const char *file, unsigned number)
{
    bool name = *line != ' ', last = !*line;
    for (char *from = line, *p = line; !last; p++) {
        if (*p == '"' && strchr(p + 1, '"'))
            p = strchr(p + 1, '"');
        if (*p && (name || *p != ';' || p[1] != ' '))
            continue;
        last = !*p;
        *p = 0;
        if (nlines + 1 == ARRAY_LEN(lines))
            abort();
        lines[nlines] = (struct line){xcalloc(STEP, 1), file, number};
        snprintf(lines[nlines++].text, STEP, "%s%s", name ? "" : " ",
                 from + strspn(from, " "));
        from = p + 1;
    }
}

static void load(const char *file)
{
    FILE *f = fopen(file, "r");
    char text[STEP] = "", more[STEP];
    unsigned number = 0, first = 0;
    while (f && fgets(more, sizeof more, f)) {
        const char *word = more + strspn(more, " ");
        size_t n = strlen(text);
        number++;
        more[strcspn(more, "\n")] = 0;
        if (*word == '|') { /* goes on with the line before */
            snprintf(text + n, sizeof text - n, " %s", word);
        } else if (*word && *word != '#') {
            keep(text, file, first);
            memcpy(text, more, sizeof text);
            first = number;
        }
    }
    keep(text, file, first);
    if (f)
        fclose(f);
}

/* Usage: test_panel_scenes [PART OF A FILE'S NAME] */
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
        if (*lines[i].text != ' ' && strncmp(lines[i].text, "define ", 7) != 0)
            tests[n++] = (struct CMUnitTest){lines[i].text, run_scene, NULL,
                                             NULL, &lines[i]};
    return n ? _cmocka_run_group_tests("scenes", tests, n, NULL, NULL) : 1;
}
