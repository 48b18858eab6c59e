/* SPDX-License-Identifier: MIT */
/* Does the work of each key; see keys.h. The keys are listed in keys.def. */
#include "panel/input/keys.h"
#include "inspect/words.h"

#include <stdarg.h>
#include <stdio.h>

void controls_travel(struct controls *c, const char *line)
{
    c->v->travels = true;
    controls_command(c, "%s", line);
}

static void select_frame(struct controls *c)
{
    c->v->scroll[PANE_FRAME] = 0;
    c->select(c->opaque, view_frame(c->v));
}

void controls_select_frame(struct controls *c, s64 pfn)
{
    c->v->pinned = pfn;
    c->v->tab_first = false;
    view_chose(c->v, CHOICE_FRAME);
    select_frame(c);
}

void controls_hover(struct controls *c, s64 pfn)
{
    if (c->v->hover == pfn)
        return;
    c->v->hover = pfn;
    select_frame(c);
}

/* True if every process sleeps until a command is typed or a timer ends. */
static bool all_sleep(const struct ins_display *d)
{
    EACH(p, d->procs, d->nprocs)
        if (p->state == PS_RUNNING || p->state == PS_READY ||
            p->state == PS_DISK)
            return false;
    return d->nprocs > 0;
}

/* True if the story has ended with the guest at a prompt: it is the reader's
 * turn. */
static bool awaits_command(const struct ins_display *d)
{
    if (!d->card_rests || d->cursor_row >= INS_CONSOLE_ROWS ||
        d->cursor_col < 2)
        return false;
    const char *line = d->console[d->cursor_row];
    return strnlen(line, INS_CONSOLE_COLS) >= d->cursor_col &&
           strchr("#$%>:", line[d->cursor_col - 2]) &&
           line[d->cursor_col - 1] == ' ';
}

void controls_observe(struct controls *c, bool ran)
{
    struct view *v = c->v;
    view_observe(v, c->d);
    if (c->d->running)
        v->unread[0] = 0;
    if (!v->readers_turn && awaits_command(c->d)) {
        v->tab = PANE_CONSOLE; /* without a note, which would hide the card */
        v->console = v->console_small = v->tab_first = v->readers_turn = true;
    }
    if ((ran || v->note_cycle != c->d->cycle) && !c->d->running &&
        v->note_of_key) /* "running to ..." is out of date */
        v->note[0] = 0;
    v->readers_turn &= !c->d->card_waits; /* reset by another story */
    if (v->pin_lit && c->d->lit && !strcmp(c->d->lit_words, v->lit)) {
        const u8 *one = memchr(c->d->lit, 1, c->d->nframes);
        v->pin_lit = false;
        if (c->d->nlit == 1 && one)
            controls_select_frame(c, one - c->d->lit);
    }
    if (ran && !c->d->running && c->d->caption_pfn < c->d->nframes)
        controls_hover(c, NO_FRAME);
}

void controls_light(struct controls *c, const char *words)
{
    snprintf(c->v->lit, sizeof c->v->lit, "%s", words);
    c->v->pin_lit = false;
    c->light(c->opaque, words);
    view_chose(c->v, CHOICE_LIGHT);
}

void controls_explain_lit(struct controls *c, const char *word)
{
    u32 pid;
    int end = 0;
    if (sscanf(word, "pid %u%n", &pid, &end) == 1 && !word[end])
        note(c,
             "%s: the frames that %.16s maps (its size counts them), and those "
             "taken for it: page tables, pages in the swap or page "
             "cache",
             word, proc_name(c->d, pid));
    for (u8 k = 0; k < FS_COUNT; k++) {
        u64 many = kind_frames(c->d, k), kept = k ? 0 : c->d->vm.kept;
        if (!strcmp(word, ins_states[k].word))
            note(c, "%s: %s frame%s now%s; %s", word,
                 many ? grouped(many) : "no", many == 1 ? "" : "s",
                 kept ? ", and those kept cached" : "", ins_states[k].sentence);
    }
}

/* ---- running ------------------------------------------------------------- */

/* Sends a command that runs or stops the machine, and clears the note. */
static void run_command(struct controls *c, const char *command)
{
    c->v->note[0] = 0;
    controls_command(c, "%s", command);
}

static void next_event(struct controls *c)
{
    run_command(c, "next-event");
    note(c, "running to the next %s; space stops at once%s",
         c->d->silent ? "page fault" : "event",
         !c->d->past && all_sleep(c->d)
             ? ". All processes sleep: press c and type a "
               "command, or wait until one wakes"
             : "");
}

unsigned story_step(const struct ins_display *d)
{
    unsigned number, of;
    return d->card && d->running && !d->past &&
                   sscanf(d->caption, "%u of %u. ", &number, &of) == 2
               ? number
               : 0;
}

static void go_on(struct controls *c, UNUSED int unused)
{
    unsigned step = story_step(c->d);
    if (c->d->card_waits || (c->d->card && c->d->past))
        run_command(c, "card next");
    else if (step)
        note(c,
             "step %u of the story still runs: at its end Enter goes on; "
             "the key . stops at the next event",
             step);
    else
        next_event(c);
}

static void one_event(struct controls *c, int way)
{
    if (way > 0)
        next_event(c);
    else
        run_command(c, "previous-event");
}

enum going { CARD_BACK, STEP, STEP_BACK, MS, MS_BACK, PRESENT };
static void go(struct controls *c, int where)
{
    static const char *const commands[] = {
        [CARD_BACK] = "card back",     [STEP] = "stepi",
        [STEP_BACK] = "reverse-stepi", [MS] = "run-for 1ms",
        [MS_BACK] = "goto -1ms",       [PRESENT] = "goto now"};
    if (where == PRESENT && !c->d->past)
        note(c, "this is the present");
    else
        run_command(c, commands[where]);
}

static void step_walk(struct controls *c, UNUSED int unused)
{
    controls_show_tab(c, PANE_WALK);
    if (c->d->running)
        controls_command(c, "halt");
    controls_command(c, "step-walk");
    if (!c->d->walk_live)
        note(c, "running to the next page walk. An idle kernel makes none: "
                "press c and type a command");
}

/* Switches whether the machine stops at a lane's events. */
static void toggle_stop(struct controls *c, int lane)
{
    bool stops = lane_stops(c->d, lane);
    const char *const *words = lane_catches(lane);
    if (c->d->silent) {
        note(c, "this kernel tells of no events that could be caught; Enter "
                "runs to the next page fault");
        return;
    }
    for (unsigned i = 0; i < LANE_WORDS && words[i]; i++) {
        u64 mask = inspect_reason_mask(words[i]);
        if (!stops && (c->d->catching & mask) == mask)
            continue;
        controls_command(c, "%s %s", stops ? "delete" : "catch", words[i]);
    }
    if (stops)
        note(c, "%s: the machine no longer stops at these events",
             lane_name(lane));
    else
        note(c,
             "%s: the machine stops at the next of these events; space "
             "runs on, the key %d ends these stops",
             lane_name(lane), lane + 1);
}

/* ---- looking ------------------------------------------------------------- */

/* Returns the i-th kind: first the frame states, then an unmodified kernel's
 * own kinds; "" after the last. */
static const char *nth_kind(const struct ins_display *d, unsigned i)
{
    return i < FS_COUNT                      ? ins_states[i].word
           : i < FS_COUNT + d->nkernel_kinds ? d->kernel_kinds[i - FS_COUNT]
                                             : "";
}

/* Lights up the next kind, and skips frame states that no frame has; after the
 * last kind, nothing is lit. */
static void next_kind(struct controls *c, UNUSED int unused)
{
    unsigned kind = 0;
    for (unsigned k = 0; k < FS_COUNT + c->d->nkernel_kinds; k++)
        if (!strcmp(c->d->lit_words, nth_kind(c->d, k)))
            kind = k + 1;
    while (kind < FS_COUNT && !c->d->histogram[kind])
        kind++;
    const char *word = nth_kind(c->d, kind);
    controls_explain_lit(c, word);
    controls_light(c, word);
}

static void toggle_biography(struct controls *c, UNUSED int unused)
{
    c->v->whole_biography = !c->v->whole_biography;
    c->v->tab_first = false;
    view_chose(c->v, CHOICE_BIOGRAPHY);
    c->v->scroll[PANE_FRAME] = 0;
}

static void whole_map(struct controls *c)
{
    c->v->zoom = 0;
    c->v->left = c->v->top = 0;
}

/* Selects the neighbour cell's frame, if any; if none is selected, frame 0. */
static void walk_pin(struct controls *c, int dx, int dy)
{
    struct grid g = grid_for(c->d->nframes, view_rows(c->v, c->d));
    u32 col, row;
    u64 pfn = 0;
    if (c->v->pinned != NO_FRAME) {
        grid_place(&g, (u64)c->v->pinned, &col, &row);
        if ((dx < 0 && !col) || (dy < 0 && !row) ||
            !grid_frame(&g, col + (u32)dx, row + (u32)dy, &pfn))
            return;
    }
    c->v->hover = NO_FRAME;
    c->v->pointer_x = c->v->pointer_y = -1; /* `y` asks for this frame now */
    controls_select_frame(c, (s64)pfn);
}

static void arrow(struct controls *c, int which)
{
    static const s8 dx[] = {-1, 1, 0, 0}, dy[] = {0, 0, -1, 1};
    if (c->v->tab == PANE_POLICY && c->v->slider >= 0 && dx[which] &&
        !c->v->whole_biography)
        policy_move(c, dx[which]);
    else
        walk_pin(c, dx[which], dy[which]);
}

/* Scrolls the large biography or the open tab; drawing bounds the result. */
static void scroll(struct controls *c, int lines)
{
    unsigned *at =
        &c->v->scroll[c->v->whole_biography ? PANE_FRAME : c->v->tab];
    int to = (int)*at + lines;
    *at = to > 0 ? (unsigned)to : 0;
}

/* The arguments of turn(): each calls a function, switches a setting of the
 * view, or makes a request to the window or terminal. */
enum switched {
    RUN,
    WHY,
    BACK,
    FIND,
    ALL,
    ORDER,
    SLIDER,
    SYSRQ,
    HEAT,
    THEME,
    HELP,
    PICTURE,
    REPAINT,
    LEAVE
};
static void turn(struct controls *c, int what)
{
    switch ((enum switched)what) {
    case RUN:
        run_command(c, c->d->running ? "halt" : "continue");
        break;
    case WHY:
        controls_why_here(c);
        break;
    case BACK:
        trail_back(c);
        break;
    case FIND:
        c->v->finding = true;
        c->v->find[0] = 0;
        break;
    case ALL:
        whole_map(c);
        c->v->span = c->v->span_end = 0; /* the whole time axis, too */
        break;
    case ORDER:
        c->v->other_order = !c->v->other_order;
        whole_map(c);
        break;
    case SLIDER:
        policy_next(c);
        if (c->v->tab == PANE_POLICY)
            controls_show_tab(c, PANE_POLICY);
        break;
    case SYSRQ: /* Alt-SysRq itself would reach the host */
        controls_command(c, "sysrq m");
        note(c, "SysRq m: the kernel prints its own report on memory on the "
                "console");
        break;
    case HEAT:
        c->v->heat = !c->v->heat;
        break;
    case THEME:
        c->v->light = !c->v->light;
        break;
    case HELP:
        c->v->help = true;
        break;
    case PICTURE:
        c->picture = true;
        break;
    case REPAINT:
        c->repaint = true;
        break;
    case LEAVE:
        c->quit = true;
    }
}

static bool choice_seen(const struct controls *c, enum view_choice what)
{
    const struct view *v = c->v;
    switch (what) {
    case CHOICE_LIST:
        return v->tab == PANE_EVENTS &&
               (v->events || v->events_first || v->events_last != NEVER);
    case CHOICE_BIOGRAPHY:
        return v->whole_biography;
    case CHOICE_LIGHT:
        return c->d->lit_words[0];
    case CHOICE_FRAME:
        return v->pinned != NO_FRAME;
    case CHOICE_TIME:
        return v->cursor != NEVER;
    default:
        return v->note[0] && view_caption(v, c->d) == v->note;
    }
}

/* Undoes a choice. If it was a list or lit frames, clears the note about it. */
static void undo_choice(struct controls *c, enum view_choice what)
{
    struct view *v = c->v;
    if (what == CHOICE_LIST) {
        v->events = 0;
        v->events_first = 0;
        v->events_last = NEVER;
    } else if (what == CHOICE_BIOGRAPHY)
        toggle_biography(c, 0);
    else if (what == CHOICE_LIGHT)
        controls_light(c, "");
    else if (what == CHOICE_FRAME)
        controls_select_frame(c, NO_FRAME);
    else if (what == CHOICE_TIME)
        v->cursor = NEVER;
    if (what != CHOICE_BIOGRAPHY && what != CHOICE_FRAME && what != CHOICE_TIME)
        v->note[0] = 0;
}

/* Undoes the latest choice whose effect is visible, so that each press changes
 * what the user sees. */
static void escape(struct controls *c, UNUSED int unused)
{
    enum view_choice latest = CHOICES;
    for (enum view_choice i = 0; i < CHOICES; i++)
        if (choice_seen(c, i) &&
            (latest == CHOICES || c->v->chosen[i] > c->v->chosen[latest]))
            latest = i;
    if (latest < CHOICES)
        undo_choice(c, latest);
}

/* ---- keys ---------------------------------------------------------------- */

const struct key_row key_rows[] = {
#define KEY(key, name, does, argument, where, sentence)                        \
    {key, where, name, sentence, does, argument},
#define GROUP(title) {KEY_NONE, AT_BOTH, NULL, title, NULL, 0},
#include "panel/keys.def"
};
const unsigned nkey_rows = ARRAY_LEN(key_rows);

/* Clears the previous key's note, and words that could not light frames. Esc
 * has its own rule. */
static void clear_last_note(struct controls *c, int key)
{
    if (key == KEY_ESC)
        return;
    if (c->v->note_of_key)
        c->v->note[0] = 0;
    if (c->d->lit_error[0]) {
        c->v->lit[0] = 0;
        c->light(c->opaque, "");
    }
}

static void command_key(struct controls *c, int key)
{
    u32 noted = c->v->chosen[CHOICE_NOTE];
    clear_last_note(c, key);
    unsigned here = c->terminal ? AT_TERM : AT_WINDOW;
    bool any = false;
    for (enum pane_id tab = TAB_FIRST; tab < PANES; tab++)
        if (panes[tab].key == key) {
            c->v->note[0] = 0; /* the note told of the tab before */
            controls_show_tab(c, tab);
            any = true;
        }
    for (unsigned i = 0; i < nkey_rows; i++)
        if (key_rows[i].does && key_rows[i].key == key &&
            key_rows[i].where & here) {
            key_rows[i].does(c, key_rows[i].argument);
            any = true;
        }
    if (!any && key > ' ' && key < 127)
        note(c, "%c is no key here: ? lists the keys, c types to the guest",
             key);
    c->v->note_of_key = c->v->chosen[CHOICE_NOTE] != noted;
}

void controls_key(struct controls *c, int key, bool ctrl)
{
    struct view *v = c->v;
    if (key == KEY_F12) /* on the page of keys and during typing, too */
        c->picture = true;
    else if (v->help) /* any key closes it and does nothing else */
        v->help = false;
    else if (v->console) {
        if (key == KEY_ESC || key == KEY_F10) {
            v->console = false;
            v->note[0] = 0; /* the note told how to leave */
        } else if (c->d->past)
            note(c, "the past takes no typing: Esc, then End to the present");
        else
            keys_to_guest(c, key, ctrl);
    } else if (v->finding)
        keys_to_find(c, key, ctrl);
    else
        command_key(c, key | (ctrl ? KEY_CTRL : 0));
}
