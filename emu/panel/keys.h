/* SPDX-License-Identifier: MIT */
/* Keys and mouse become choices in the view and lines of the command
 * language. Knows no SDL, so that tests press keys too. */
#ifndef CLOCKHAND_PANEL_KEYS_H
#define CLOCKHAND_PANEL_KEYS_H

#include "panel/draw.h"

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
                 KEY_F12
};

struct controls {
    struct view *v;
    const struct ins_display *d;
    int w, h;     /* of the window */
    bool picture; /* F12 was pressed: the owner of the pixels writes them */
    int press_x, press_y; /* where a button went down; dragging from there */
    s64 press_left, press_top;
    bool pressed, dragged;
    /* a line of the command language; bytes for the guest; a frame (or
     * NO_FRAME) that the next displays shall tell about */
    void (*command)(void *opaque, const char *line);
    void (*keys)(void *opaque, const char *bytes, size_t n);
    void (*select)(void *opaque, s64 pfn);
    void *opaque;
};

/* A key: a character as typed (with Shift applied) or an enum panel_key. */
void controls_key(struct controls *c, int key, bool ctrl);
void controls_move(struct controls *c, int x, int y); /* the pointer */
void controls_leave(struct controls *c);
void controls_press(struct controls *c, int x, int y);
void controls_release(struct controls *c, int x, int y);
void controls_wheel(struct controls *c, int steps, int x, int y);

#endif
