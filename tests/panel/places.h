/* SPDX-License-Identifier: MIT */
/* Reads the words of a step that name places in the picture, measures of them,
 * numbers and colours. See tests/unit/test_panel_scenes.c. */
#pragma once

#include "../panel/state.h"
#include "inspect/words.h"
#include "panel/map/map.h"

static bool constant(const char *word, char *to)
{
    static const struct {
        const char *word;
        u64 n;
    } more[] = {
#define WORD(word, n) {word, n},
#include "../panel/scene_words.h"
    };
#define LOOK(count, nth, number)                                               \
    for (unsigned n = 0; n < (count); n++)                                     \
        if (!strcmp((nth), word))                                              \
            return sprintf(to, "%lld", (long long)(number));
    LOOK(ARRAY_LEN(more), more[n].word, more[n].n)
    LOOK(PANES, panes[n].name, n)
    LOOK(FS_COUNT, ins_states[n].word, n)
    LOOK(R_COUNT, ins_reasons[n].word, n)
    LOOK(C_COUNT, ins_counters[n].name, n)
    return false;
}

static u32 colour(void)
{
#define COLOUR(m) {#m, offsetof(struct theme, m)},
    static const struct {
        const char *name;
        size_t offset;
    } of_theme[] = {
#include "../panel/scene_words.h"
    };
    struct draw g = plan();
    const char *name = next();
    bool old = !strncmp(name, "old-", 4); /* of a page not used lately */
    for (unsigned i = 0; i < ARRAY_LEN(of_theme); i++)
        if (!strcmp(of_theme[i].name, name))
            return *(const u32 *)(const void *)((const char *)g.t +
                                                of_theme[i].offset);
    for (unsigned i = 0; i < FS_COUNT; i++)
        if (!strcmp(ins_states[i].word, name + 4 * old))
            return g.t->kind[i][!old];
    if (strcmp(name, "way") != 0) /* the latest event's arrow */
        bad("no such colour: %s", name);
    return way_colour(&g, event_way(&r.s.d->events[0]));
}

/* ---- hits ---------------------------------------------------------------- */

static int key_of(const char *name)
{
    static const char *const plain[] = {"\rEnter", "\tTab", "\177Backspace",
                                        "\033Esc", " space"};
    static const char *const far[] = {"Up",     "Down",   "Left",   "Right",
                                      "Home",   "End",    "PageUp", "PageDown",
                                      "Insert", "Delete", "F10",    "F12"};
    for (unsigned i = 0; i < ARRAY_LEN(plain); i++)
        if (!strcmp(plain[i] + 1, name))
            return plain[i][0];
    for (unsigned i = 0; i < ARRAY_LEN(far); i++)
        if (!strcmp(far[i], name))
            return KEY_UP + (int)i;
    return name[1] ? (int)number_of(name) : (u8)*name;
}

/* A step names hits (areas for the mouse) by kind, and number or text. */
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

/* ---- places -------------------------------------------------------------- */

static struct rect place(void);

/* Reads the words of a place into *to; returns false if it is not shown. */
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
    if (!strcmp(what, "tag")) /* the latest event's, which is drawn last */
        return *to = r.s.log.rec[r.s.log.n - 1].at, true;
    if (!strcmp(what, "pointer"))
        return *to = (struct rect){r.s.v->pointer_x, r.s.v->pointer_y, 1, 1},
               true;
    if (!strcmp(what, "pane"))
        return *to = g.l.at[element(next())], to->w > 0;
    if (!strcmp(what, "disk"))
        return place_disk(&g, to);
    if (!strcmp(what, "free-list"))
        return place_free(&g, to);
    if (!strcmp(what, "slot"))
        return place_slot(&g, element(next()), to);
    if (!strcmp(what, "frame"))
        return place_frame(&g, element(next()), to);
    if (!strcmp(what, "round"))
        return *to = rect_inset(place(), -10), true;
    if (!strcmp(what, "between")) { /* the gap from one place to another */
        struct rect a = place(), b = place();
        return *to = (struct rect){a.x + a.w, a.y, b.x - a.x - a.w, a.h}, true;
    }
    int part[4] = {(int)number_of(what)};
    for (unsigned i = 1; i < 4; i++)
        part[i] = (int)number_of(next());
    if (!next_is("of"))
        bad("percent of what?");
    struct rect all = place();
    *to = (struct rect){all.x + all.w * part[0] / 100,
                        all.y + all.h * part[1] / 100, all.w * part[2] / 100,
                        all.h * part[3] / 100};
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

static bool meet(struct rect a, struct rect b)
{
    struct rect both = rect_cut(a, b);
    return both.w > 0 && both.h > 0;
}

/* ---- measures ------------------------------------------------------------ */

/* Returns how many texts like `text` (NULL: wanted hits) meet `in`. With `but`
 * only their visible parts count, and the text at `in` itself does not. */
static s64 count(const char *text, struct rect in, bool but)
{
    s64 n = 0;
    plan();
    for (unsigned i = 0; text && i < r.s.log.n; i++) {
        const struct fb_text_record *t = &r.s.log.rec[i];
        struct rect seen = but ? rect_cut(t->at, t->clip) : t->at;
        n += matches(t->text, text) && meet(seen, in) &&
             !(but && !memcmp(&t->at, &in, sizeof in));
    }
    for (unsigned i = 0; !text && i < r.s.v->nhits; i++)
        n += is_wanted(&r.s.v->hit[i]) && meet(r.s.v->hit[i].at, in);
    return n;
}

/* Returns at what percentage of the points from 15 to 85 % of the way from a to
 * b an arrow lies. It may be thinner than 2 pixels: colours near `of` count. */
static s64 arrow(struct rect a, struct rect b, u32 of)
{
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

/* Reads the words after a measure's name; sets *n. Returns false if there is no
 * such measure. */
static bool measure(const char *name, s64 *n)
{
    static const char *const edges[] = {"x", "y", "width", "height"};
    struct rect a, both;
    for (unsigned i = 0; i < 4; i++)
        if (!strcmp(name, edges[i])) {
            a = place();
            *n = (int[]){a.x, a.y, a.w, a.h}[i];
            return true;
        }
    bool texts = !strcmp(name, "texts");
    if (texts || !strcmp(name, "hits")) { /* ... [in PLACE] */
        const char *text = texts ? next() + 1 : (want(), NULL);
        a = (struct rect){0, 0, r.s.fb.w, r.s.fb.h};
        *n = count(text, next_is("in") ? place() : a, false);
    } else if (!strcmp(name, "shown")) {
        *n = place_if(&a);
    } else if (!strcmp(name, "pixels")) { /* PLACE COLOUR */
        a = place();
        *n = scene_count(&r.s, a, colour());
    } else if (!strcmp(name, "covered")) { /* by other texts */
        a = place();
        *n = count("", a, true);
    } else if (!strcmp(name, "inside") || !strcmp(name, "meets")) {
        a = place();
        both = rect_cut(a, place());
        *n = *name == 'm' ? both.w > 0 && both.h > 0
                          : both.w == a.w && both.h == a.h;
    } else if (!strcmp(name, "arrow")) { /* PLACE PLACE COLOUR */
        a = place();
        both = place();
        *n = arrow(a, both, colour());
    } else if (!strcmp(name, "sum")) { /* checksum of a place's pixels */
        a = place();
        for (int i = *n = 0; i < a.w * a.h; i++)
            *n = (*n * 31 + scene_px(&r.s, a.x + i % a.w, a.y + i / a.w)) &
                 0xffffffff;
    } else {
        return false;
    }
    return true;
}
