/* SPDX-License-Identifier: MIT */
/* Turns keys and clicks into choices in the view and commands to the monitor.
 * Does not use SDL, so that tests and the terminal can press keys, too. */
#pragma once

#include "panel/draw/draw.h"

enum panel_key { /* keys other than printable characters */
                 KEY_NONE = 0,
                 KEY_ENTER = '\r',
                 KEY_TAB = '\t',
                 KEY_BACKSPACE = 0x7f,
                 KEY_ESC = 0x1b,
                 KEY_UP = 0x110000,
                 KEY_DOWN,
                 KEY_LEFT,
                 KEY_RIGHT,
                 KEY_HOME,
                 KEY_END,
                 KEY_PAGE_UP,
                 KEY_PAGE_DOWN,
                 KEY_INSERT,
                 KEY_DELETE,
                 KEY_F10,
                 KEY_F12,
                 KEY_CTRL = 0x200000 /* or-ed to a key */
};

struct controls {
    struct view *v;
    const struct ins_display *d;
    int w, h;             /* of the window */
    bool picture;         /* F12 was pressed: a picture must be written */
    bool terminal;        /* the panel is drawn in a terminal */
    bool repaint;         /* Ctrl-L was pressed: write the whole screen */
    bool quit;            /* the user asked to leave */
    enum pane_id pressed; /* the button went down there; PANES: it is up */
    int press_x, press_y; /* pixel of the press */
    s64 press_left, press_top;
    bool dragged;
    struct waypoint before; /* the choices before the press */
    bool dragging_time;     /* the time axis is being dragged */
    u64 travels; /* serial of the display when a drag sent its last goto */
    void (*command)(void *opaque, const char *line); /* to the monitor */
    void (*keys)(void *opaque, const char *bytes, size_t n); /* to the guest */
    /* Chooses the frame (or NO_FRAME) that displays shall describe. */
    void (*select)(void *opaque, s64 pfn);
    void (*light)(void *opaque, const char *words); /* session_light */
    void *opaque;
};

/* session.c: returns controls whose requests go to session s. */
struct session;
struct controls controls_of(struct session *s, struct view *v,
                            const struct ins_display *d);

/* A row of keys.def; if its name is NULL, a heading of the page of keys. */
struct key_row {
    int key;
    unsigned where;
    const char *name, *sentence;
    void (*does)(struct controls *c, int argument);
    int argument;
};
enum { AT_WINDOW = 1, AT_TERM = 2, AT_BOTH = 3 };
extern const struct key_row key_rows[];
extern const unsigned nkey_rows;

/* Takes a new display (view_observe). ran: the machine ran when the previous
 * display was made. If it has stopped at an event, the frame of the event is
 * shown rather than the one under the pointer, until the pointer moves. */
void controls_observe(struct controls *c, bool ran);
/* Handles a key: a character as typed (with Shift applied) or a panel_key. */
void controls_key(struct controls *c, int key, bool ctrl);
void controls_move(struct controls *c, int x, int y); /* the pointer */
void controls_leave(struct controls *c);
void controls_press(struct controls *c, int x, int y);
void controls_release(struct controls *c, int x, int y);
void controls_wheel(struct controls *c, int steps, int x, int y);
/* Handles a right click: the machine goes back to the instruction that last
 * wrote the thing under the pointer. */
void controls_why(struct controls *c, int x, int y);
/* Handles the key y as a right click: on the thing under the pointer, if any,
 * else on the selected frame. */
void controls_why_here(struct controls *c);

/* hints.c: the keys to press now, the most important first (the last ones are
 * left out if there is no room). The list ends at a hint without a name. */
struct hint {
    int key; /* KEY_NONE: no single key */
    const char *name, *does;
};
#define HINTS 8
/* Returns the number of the story's step that runs, or 0. */
unsigned story_step(const struct ins_display *d);
unsigned hints_now(const struct view *v, const struct ins_display *d,
                   struct hint h[HINTS + 1]);

/* trail.c: the way back through clicks. */
struct waypoint trail_here(const struct controls *c);
/* Call after a click. If it led elsewhere, adds `before` to the way back. */
void trail_leave(struct controls *c, struct waypoint before);
void trail_back(struct controls *c);
/* Returns "back to frame 7", "back to the present"; NULL: no way back. */
const char *trail_words(const struct view *v, const struct ins_display *d);

/* typing.c: keys_to_guest takes a key while keys go to the guest, keys_to_find
 * takes one while they go to the line after `/`. */
void keys_to_guest(struct controls *c, int key, bool ctrl);
extern const struct key_bytes {
    int key;
    const char *bytes; /* a terminal sends these for it; NULL: the end */
} key_bytes[];
void keys_to_find(struct controls *c, int key, bool ctrl);

/* show_tab.c: opens a tab. If it takes the frame pane's place, or has no room
 * even there, the caption says so, and what the user can do. */
void controls_show_tab(struct controls *c, enum pane_id id);
void text_size(struct controls *c, int step);

/* Requests that the pointer functions of panes may make. */
#define note(c, ...)             view_note((c)->v, (c)->d, __VA_ARGS__)
#define controls_command(c, ...) (c)->command((c)->opaque, phrase(__VA_ARGS__))
/* Sends a command that takes the machine to another moment. */
void controls_travel(struct controls *c, const char *line);
void controls_select_frame(struct controls *c, s64 pfn);
void controls_hover(struct controls *c, s64 pfn);
void controls_light(struct controls *c, const char *words);
/* If word is a frame state or "pid N", the caption explains the lit frames; for
 * a state it also counts them. */
void controls_explain_lit(struct controls *c, const char *word);

/* ---- tabs/policy.c, tabs/knobs.c: sliders ----------------------------------
 * policy_next gives the arrow keys the next slider; after the last, none. */
void policy_next(struct controls *c);
/* Moves the chosen slider by `steps` steps, with one command. */
void policy_move(struct controls *c, int steps);
/* Moves the pace, whichever slider is chosen. */
void policy_pace(struct controls *c, int steps);
