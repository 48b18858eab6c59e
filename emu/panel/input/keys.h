/* SPDX-License-Identifier: MIT */
/* Keys and mouse become choices in the view and lines of the command
 * language. Knows no SDL, so that tests press keys too. */
#ifndef CLOCKHAND_PANEL_KEYS_H
#define CLOCKHAND_PANEL_KEYS_H

#include "panel/draw/draw.h"

enum panel_key { /* beyond characters */
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
    int w, h;      /* of the window */
    bool picture;  /* F12 was pressed: the owner of the pixels writes them */
    bool terminal; /* the panel's, not a window's */
    bool quit;     /* whoever sits there wants to leave */
    enum pane_id pressed; /* the pane in which a button went down; PANES: no */
    int press_x, press_y; /* there */
    s64 press_left, press_top;
    bool dragged;
    struct waypoint before; /* the press */
    bool dragging_time;     /* the time axis: a moment is looked for */
    u64 travels; /* the display of which a way was asked for: its serial */
    /* a line of the command language; bytes for the guest; a frame (or
     * NO_FRAME) that the next displays shall tell about */
    void (*command)(void *opaque, const char *line);
    void (*keys)(void *opaque, const char *bytes, size_t n);
    void (*select)(void *opaque, s64 pfn);
    void (*light)(void *opaque, const char *words); /* frames to light up */
    void *opaque;
};

/* A row of keys.def; one without a name is a heading of the page of keys. */
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

/* A display came (view_observe); ran: whether the one before it was of a
 * running machine. A frame at which it stops goes before the pointer's, until
 * that moves. */
void controls_observe(struct controls *c, bool ran);
/* A key: a character as typed (with Shift applied) or an enum panel_key. */
void controls_key(struct controls *c, int key, bool ctrl);
void controls_move(struct controls *c, int x, int y); /* the pointer */
void controls_leave(struct controls *c);
void controls_press(struct controls *c, int x, int y);
void controls_release(struct controls *c, int x, int y);
void controls_wheel(struct controls *c, int steps, int x, int y);
/* The right button: the machine goes back to the instruction that wrote what
 * is there. */
void controls_why(struct controls *c, int x, int y);
/* The same of what is under the pointer, else of the frame that is held. */
void controls_why_here(struct controls *c);

/* hints.c: what to press now, the most important first (where there is no room
 * the last ones go), up to one without a name. */
struct hint {
    int key; /* KEY_NONE: no single one */
    const char *name, *does;
};
const struct hint *hints_now(const struct view *v, const struct ins_display *d);

/* trail.c: the way back, of clicks. */
struct waypoint trail_here(const struct controls *c);
/* A click was done: if it led elsewhere, the way back leads to `before`. */
void trail_leave(struct controls *c, struct waypoint before);
void trail_back(struct controls *c);
/* "to frame 7", "to the present": where the way back leads. False: nowhere. */
bool trail_words(const struct view *v, const struct ins_display *d, char *buf,
                 size_t n);

/* typing.c: a key while the guest has the keys, or `/` a line. */
void keys_to_guest(struct controls *c, int key, bool ctrl);
void keys_to_find(struct controls *c, int key, bool ctrl);

/* show_tab.c: opens a tab; if it takes the place of the frame pane, or has no
 * room even there, the caption says so and what to press. */
void controls_show_tab(struct controls *c, enum pane_id id);
void text_size(struct controls *c, int step);

/* Requests of panes (their pointer functions, panes.def). */
void controls_command(struct controls *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A command that sends the machine to another moment. */
void controls_travel(struct controls *c, const char *line);
void controls_pin(struct controls *c, s64 pfn);
void controls_hover(struct controls *c, s64 pfn);
void controls_light(struct controls *c, const char *words);
/* The caption says what frames of a state are, and how many there are, or which
 * are those of "pid N"; nothing of other words. */
void controls_explain_lit(struct controls *c, const char *word);

/* ---- policy.c: sliders -----------------------------------------------------
 * The next slider is the one that keys move; after the last none. */
void policy_next(struct controls *c);
/* The chosen slider, so many steps: one command. */
void policy_move(struct controls *c, int steps);
/* The pace, whatever is chosen. */
void policy_pace(struct controls *c, int steps);

#endif
