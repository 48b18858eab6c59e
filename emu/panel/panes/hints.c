/* SPDX-License-Identifier: MIT */
/* Draws the bottom line: hints that name the keys which are useful in the
 * panel's present state; before them any words being typed after `/`. */
#include "panel/input/keys.h"

enum press_state {
    AT_HELP,
    AT_CONSOLE,
    AT_FIND,
    AT_SLIDER,
    AT_WALK,
    AT_CARD,  /* the story waits for its reader */
    AT_EVENT, /* halted at an event of a frame */
    AT_HALT,
    AT_PAST,
    AT_RUN,
    AT_STEP, /* a step of the story runs */
    AT_INPUT,
    AT_OFF,
    AT_END, /* the web page's machine has ended: no key has an effect */
    STATES
};

/* A state's most important hints come first: a narrow window drops the last. */
static const struct hint hints[STATES][HINTS + 1] = {
    [AT_HELP] = {{KEY_ESC, "any key", "back to the panel"}},
    [AT_CONSOLE] = {{KEY_ESC, "Esc", "back to the panel's keys"},
                    {KEY_F12, "F12", "a picture"}},
    [AT_FIND] = {{KEY_ENTER, "Enter", "light up these frames"},
                 {KEY_ESC, "Esc", "cancel"}},
    [AT_SLIDER] = {{KEY_LEFT, "←", "less"},
                   {KEY_RIGHT, "→", "more"},
                   {KEY_TAB, "Tab", "the next slider"},
                   {KEY_ENTER, "Enter", "the next event"},
                   {' ', "space", "run or stop"}},
    [AT_WALK] = {{'w', "w", "the next step of the walk"},
                 {' ', "space", "run on"},
                 {'?', "?", "all keys"}},
    [AT_EVENT] = {{KEY_ENTER, "Enter", "the next event"},
                  {'w', "w", "to the next page walk"},
                  {KEY_NONE, "click the frame", "its history"},
                  {'b', "b", "all of its history"},
                  {' ', "space", "run"},
                  {'p', "p", "the story's card"},
                  {'c', "c", "type to the guest"},
                  {'?', "?", "all keys"}},
    [AT_CARD] = {{KEY_ENTER, "Enter", "the story goes on"},
                 {'p', "p", "back"},
                 {',', ", .", "an event back, forward"},
                 {'b', "b", "all of a frame's history"},
                 {'c', "c", "type to the guest"},
                 {'?', "?", "all keys"}},
    [AT_HALT] = {{KEY_ENTER, "Enter", "to the next event"},
                 {' ', "space", "run"},
                 {'p', "p", "the story's card"},
                 {'w', "w", "to the next page walk"},
                 {KEY_NONE, "1-6", "stop at events of a kind"},
                 {'c', "c", "type to the guest"},
                 {'?', "?", "all keys"}},
    [AT_PAST] = {{KEY_ENTER, "Enter", "on in the story"},
                 {'p', "p", "back"},
                 {',', ", .", "an event back, forward"},
                 {KEY_END, "End", "to the present"},
                 {' ', "space", "run through the past again"},
                 {'b', "b", "all of a frame's history"},
                 {'?', "?", "all keys"}},
    [AT_RUN] = {{' ', "space", "stop"},
                {KEY_ENTER, "Enter", "stop at the next event"},
                {'p', "p", "the story's card"},
                {'c', "c", "type to the guest"},
                {'[', "[", "slower"},
                {'/', "/", "find frames"},
                {'?', "?", "all keys"}},
    [AT_STEP] = {{' ', "space", "stop"},
                 {'.', ".", "stop at the next event"},
                 {'p', "p", "back"},
                 {'c', "c", "type to the guest"},
                 {'[', "[", "slower"},
                 {'?', "?", "all keys"}},
    [AT_INPUT] = {{'/', "/", "find frames"}, {'?', "?", "all keys"}},
    [AT_OFF] = {{',', ", .", "an event back, forward"},
                {KEY_NONE, "click a frame", "its history"},
                {'b', "b", "all of its history"},
                {'q', "q", "leave"},
                {KEY_F12, "F12", "a picture"},
                {'?', "?", "all keys"}},
};

static enum press_state state_of(const struct view *v,
                                 const struct ins_display *d)
{
    bool slider = v->tab == PANE_POLICY && v->slider >= 0;
    return v->help                                                 ? AT_HELP
           : v->console                                            ? AT_CONSOLE
           : v->finding                                            ? AT_FIND
           : slider && !v->whole_biography                         ? AT_SLIDER
           : !strcmp(d->mode, "OFF")                               ? AT_OFF
           : !strcmp(d->mode, "END")                               ? AT_END
           : !strcmp(d->mode, "STDIN")                             ? AT_INPUT
           : d->running && (story_step(d) || (d->card && d->past)) ? AT_STEP
           : d->running                                            ? AT_RUN
           : d->walk_live && d->walk.phase < WALK_FILLED           ? AT_WALK
           : d->card_waits                                         ? AT_CARD
           : d->past                                               ? AT_PAST
           : d->caption_pfn < d->nframes                           ? AT_EVENT
                                                                   : AT_HALT;
}

/* Adapts a hint to a kernel that reports no events: next-event stops at page
 * faults, and the lanes' catches at nothing. False: its key has no effect. */
static bool for_silent(struct hint *h)
{
    static const char *const faults[][2] = {
        {"the next event", "the next page fault"},
        {"to the next event", "to the next page fault"},
        {"stop at the next event", "stop at the next page fault"},
        {"an event back, forward", "a page fault back, forward"},
    };
    for (unsigned i = 0; i < ARRAY_LEN(faults); i++)
        if (!strcmp(h->does, faults[i][0]))
            h->does = faults[i][1];
    return strncmp(h->name, "1-6", 3) != 0;
}

unsigned hints_now(const struct view *v, const struct ins_display *d,
                   struct hint h[HINTS + 1])
{
    const struct hint *all = hints[state_of(v, d)];
    unsigned n = 0;
    for (; all->name; all++) {
        if ((all->key == 'p' && !d->card_before) ||
            (all->key == 'c' && d->past) ||
            (!strcmp(all->does, "on in the story") && !d->card))
            continue;
        h[n] = *all;
        n += !d->silent || for_silent(&h[n]);
    }
    h[n] = (struct hint){0};
    return n;
}

static int hint_wide(const struct draw *g, const struct hint *h)
{
    return font_width(g->bold, h->name) + g->l.digit +
           font_width(g->sans, h->does);
}

/* Draws a hint if all of it fits; returns the x after it. */
static int draw_hint(struct draw *g, int x, int y, int right,
                     const struct hint *h)
{
    int wide = hint_wide(g, h), blank = g->l.digit;
    if (x + wide > right)
        return x;
    int does = put_bold(g, x, y, g->t->accent, h->name) + blank;
    put_as(g, g->sans, does, y, g->t->dim, h->does);
    if (h->key)
        add_key(g, rect(x, y, wide, g->lh), h->key);
    return x + wide + 3 * blank;
}

/* Draws the line that is typed after `/`. Returns the x after it. */
static int draw_find(struct draw *g, struct rect r)
{
    static const char example[] = "words, such as: anonymous dirty pid 7; file "
                                  "not referenced; slot";
    int hair = g->l.line, gap = 4 * g->l.digit;
    int x = put_bold(g, r.x, r.y, g->t->accent, "/") + g->l.thin;
    const char *typed = g->v->find;
    while (*typed && x + font_width(g->sans, typed) + 2 * hair > r.x + r.w)
        utf8_next(&typed); /* so that its end, with the cursor, is seen */
    x = put_as(g, g->sans, x, r.y, g->t->ink, typed);
    fill(g, x + hair, r.y + g->lh / 8, 2 * hair, g->lh - g->lh / 4,
         g->t->accent);
    bool wrong = g->d->lit_error[0] != 0;
    const char *say = wrong ? g->d->lit_error : example;
    x += gap;
    if (x + font_width(g->sans, say) > r.x + r.w)
        return x;
    return put_as(g, g->sans, x, r.y, wrong ? g->t->bad : g->t->dim, say) + gap;
}

void draw_hints(struct draw *g, struct rect r)
{
    struct hint h[HINTS + 1];
    fb_fill(g->fb, r, g->t->band);
    add_word(g, r, "keys",
             "those that are of use now; a click acts as the key");
    r = rect(r.x + g->pad, r.y + g->pad / 2, r.w - 2 * g->pad, g->lh);
    int right = r.x + r.w, x = r.x;
    if (g->v->finding)
        x = draw_find(g, r);
    unsigned n = hints_now(g->v, g->d, h);
    bool keys = !g->v->help && !g->v->console && !g->v->finding;
    const char *back = keys ? trail_words(g->v, g->d) : NULL;
    if (back) {
        struct hint h = {KEY_BACKSPACE, "Backspace", back};
        int wide = hint_wide(g, &h);
        if (wide < r.w / 2) {
            draw_hint(g, right - wide, r.y, right, &h);
            right -= wide + 2 * g->l.digit;
        }
    }
    if (g->v->why_here && keys)
        x = draw_hint(g, x, r.y, right,
                      &(struct hint){'y', "y, right click", "who wrote it"});
    bool frame = view_frame(g->v) != NO_FRAME || g->d->selected_valid;
    if (g->d->lit_error[0] && !g->v->finding) /* words not understood */
        x = put_fit(g, g->sans, x, r.y, r.w / 2, g->t->bad, g->d->lit_error) +
            4 * g->l.digit;
    for (unsigned i = 0; i < n; i++) {
        bool of_frame = !strncmp(h[i].name, "click the", 9) || h[i].key == 'b';
        bool here =
            in_cells(g) ? strncmp(h[i].name, "click", 5) != 0 : h[i].key != 'q';
        if ((of_frame && !frame) || !here)
            continue;
        /* A terminal keeps room for the last hint, which leads to all keys. */
        int keep = in_cells(g) && i + 1 < n ? hint_wide(g, &h[n - 1]) + 3 : 0;
        x = draw_hint(g, x, r.y, right - keep, &h[i]);
    }
}
