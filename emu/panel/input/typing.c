/* SPDX-License-Identifier: MIT */
/* Typed keys: to the guest, and to the line of words after `/`. */
#include "panel/input/keys.h"

/* ---- typing into the guest ----------------------------------------------- */

/* A guest that is stopped echoes nothing: the card shows what was typed. */
static void tell_unread(struct controls *c, int key)
{
    char *typed = c->v->unread;
    size_t n = strlen(typed);
    if (key == KEY_BACKSPACE && n)
        typed[n - 1] = 0;
    else if (key >= ' ' && key < 0x7f && n + 1 < sizeof c->v->unread) {
        typed[n] = (char)key;
        typed[n + 1] = 0;
    }
    view_note(c->v, c->d,
              "the machine is stopped: the guest reads what is typed when it "
              "runs on (Esc, then space)%s%s",
              *typed ? ": " : "", typed);
}

void keys_to_guest(struct controls *c, int key, bool ctrl)
{
    static const struct {
        int key;
        const char *bytes;
    } special[] = {
        {KEY_UP, "\033[A"},       {KEY_DOWN, "\033[B"},
        {KEY_RIGHT, "\033[C"},    {KEY_LEFT, "\033[D"},
        {KEY_HOME, "\033[H"},     {KEY_END, "\033[F"},
        {KEY_INSERT, "\033[2~"},  {KEY_DELETE, "\033[3~"},
        {KEY_PAGE_UP, "\033[5~"}, {KEY_PAGE_DOWN, "\033[6~"},
    };
    char bytes[8];
    size_t n = 0;
    if (!c->d->running)
        tell_unread(c, ctrl ? 0 : key);
    for (unsigned i = 0; i < ARRAY_LEN(special); i++)
        if (special[i].key == key) {
            c->keys(c->opaque, special[i].bytes, strlen(special[i].bytes));
            return;
        }
    if (key >= 0x110000)
        return;
    if (ctrl && key >= '@' && key < 0x7f)
        bytes[n++] = (char)(key & 0x1f); /* Ctrl-[ is the guest's Esc */
    else if (key < 0x80)
        bytes[n++] = (char)key;
    else if (key < 0x800) {
        bytes[n++] = (char)(0xc0 | key >> 6);
        bytes[n++] = (char)(0x80 | (key & 63));
    } else if (key < 0x10000) {
        bytes[n++] = (char)(0xe0 | key >> 12);
        bytes[n++] = (char)(0x80 | (key >> 6 & 63));
        bytes[n++] = (char)(0x80 | (key & 63));
    }
    c->keys(c->opaque, bytes, n);
}

/* ---- words of frames that shall light up --------------------------------- */

void keys_to_find(struct controls *c, int key, bool ctrl)
{
    struct view *v = c->v;
    size_t n = strlen(v->find);
    if (key == KEY_ESC || key == KEY_ENTER)
        v->finding = false;
    if (key == KEY_ENTER)
        controls_light(c, v->find);
    else if (ctrl && (key == 'u' || key == 'U'))
        v->find[0] = 0;
    else if (key == KEY_BACKSPACE && n)
        v->find[n - 1] = 0;
    else if (!ctrl && key >= ' ' && key < 0x7f && n + 1 < sizeof v->find) {
        v->find[n] = (char)key;
        v->find[n + 1] = 0;
    }
}
