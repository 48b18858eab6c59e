/* SPDX-License-Identifier: MIT */
/* The keys that are useful now: one row of hints for each state of the panel.
 */
#include "panel/input/keys.h"

enum press_state {
    AT_HELP,
    AT_CONSOLE,
    AT_FIND,
    AT_SLIDER,
    AT_WALK,
    AT_EVENT, /* halted at an event of a frame */
    AT_HALT,
    AT_PAST,
    AT_RUN,
    AT_INPUT,
    AT_OFF,
    STATES
};

/* The most important first: a narrow window drops the last ones. */
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
                  {'c', "c", "type to the guest"},
                  {'?', "?", "all keys"}},
    [AT_HALT] = {{KEY_ENTER, "Enter", "to the next event"},
                 {' ', "space", "run"},
                 {'w', "w", "to the next page walk"},
                 {KEY_NONE, "1-6", "stop at events of a kind"},
                 {'c', "c", "type to the guest"},
                 {'?', "?", "all keys"}},
    [AT_PAST] = {{',', ", .", "an event back, forward"},
                 {KEY_END, "End", "to the present"},
                 {' ', "space", "run through the past again"},
                 {'b', "b", "all of a frame's history"},
                 {'?', "?", "all keys"}},
    [AT_RUN] = {{' ', "space", "stop"},
                {KEY_ENTER, "Enter", "stop at the next event"},
                {'c', "c", "type to the guest"},
                {'[', "[", "slower"},
                {'/', "/", "find frames"},
                {'?', "?", "all keys"}},
    [AT_INPUT] = {{' ', "space", "stop"}, {'?', "?", "all keys"}},
    [AT_OFF] = {{KEY_NONE, "click a frame", "its history"},
                {'b', "b", "all of its history"},
                {KEY_F12, "F12", "a picture"},
                {'?', "?", "all keys"}},
};

static enum press_state state_of(const struct view *v,
                                 const struct ins_display *d)
{
    if (v->help)
        return AT_HELP;
    if (v->console)
        return AT_CONSOLE;
    if (v->finding)
        return AT_FIND;
    if (v->tab == PANE_POLICY && v->slider >= 0)
        return AT_SLIDER;
    if (!strcmp(d->mode, "OFF"))
        return AT_OFF;
    if (!strcmp(d->mode, "STDIN"))
        return AT_INPUT;
    if (d->running)
        return AT_RUN;
    if (d->walk_live)
        return AT_WALK;
    if (d->past)
        return AT_PAST;
    return d->caption_pfn < d->nframes ? AT_EVENT : AT_HALT;
}

/* If the kernel reports no events, next-event stops at page faults, and the
 * lanes' catches stop at nothing. False: the hint would have no effect. */
static bool for_silent(struct hint *h)
{
    static const struct hint faults[] = {
        {KEY_ENTER, "the next event", "the next page fault"},
        {KEY_ENTER, "to the next event", "to the next page fault"},
        {KEY_ENTER, "stop at the next event", "stop at the next page fault"},
        {',', "an event back, forward", "a page fault back, forward"},
    };
    for (unsigned i = 0; i < ARRAY_LEN(faults); i++)
        if (h->key == faults[i].key && !strcmp(h->does, faults[i].name))
            h->does = faults[i].does;
    return strncmp(h->name, "1-6", 3) != 0;
}

void hints_now(const struct view *v, const struct ins_display *d,
               struct hint h[HINTS + 1])
{
    const struct hint *all = hints[state_of(v, d)];
    unsigned n = 0;
    for (; all->name; all++) {
        h[n] = *all;
        n += !d->silent || for_silent(&h[n]);
    }
    h[n] = (struct hint){0};
}
