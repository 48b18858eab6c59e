/* SPDX-License-Identifier: MIT */
/* Passes typed keys to the guest, or to the line of words after `/`. */
#include "panel/input/keys.h"

/* ---- typing into the guest ----------------------------------------------- */

static void type_into(char *line, size_t room, int key)
{
    size_t n = strlen(line);
    if (key == KEY_BACKSPACE && n)
        line[n - 1] = 0;
    else if (key >= ' ' && key < 0x7f && n + 1 < room) {
        line[n] = (char)key;
        line[n + 1] = 0;
    }
}

/* Shows typed text on the card, because a stopped guest echoes nothing. */
static void tell_unread(struct controls *c, int key)
{
    char *typed = c->v->unread;
    type_into(typed, sizeof c->v->unread, key);
    note(c,
         "the machine is stopped: the guest reads what is typed when it "
         "runs on (Esc, then space)%s%s",
         *typed ? ": " : "", typed);
}

/* If a key has two rows, a terminal sends either; the guest gets the first. */
const struct key_bytes key_bytes[] = {
    {KEY_UP, "\033[A"},       {KEY_DOWN, "\033[B"},
    {KEY_RIGHT, "\033[C"},    {KEY_LEFT, "\033[D"},
    {KEY_HOME, "\033[H"},     {KEY_END, "\033[F"},
    {KEY_INSERT, "\033[2~"},  {KEY_DELETE, "\033[3~"},
    {KEY_PAGE_UP, "\033[5~"}, {KEY_PAGE_DOWN, "\033[6~"},
    {KEY_UP, "\033OA"},       {KEY_DOWN, "\033OB"},
    {KEY_RIGHT, "\033OC"},    {KEY_LEFT, "\033OD"},
    {KEY_F10, "\033[21~"},    {KEY_F12, "\033[24~"},
    {KEY_HOME, "\033[1~"},    {KEY_END, "\033[4~"},
    {KEY_NONE, NULL}};

void keys_to_guest(struct controls *c, int key, bool ctrl)
{
    char bytes[8];
    size_t n = 0;
    if (!c->d->running && !c->d->card_rests) /* else a key lets the guest run */
        tell_unread(c, ctrl ? 0 : key);
    for (const struct key_bytes *k = key_bytes; k->bytes; k++)
        if (k->key == key) {
            c->keys(c->opaque, k->bytes, strlen(k->bytes));
            return;
        }
    if (key >= 0x110000)
        return;
    if (ctrl && key >= '@' && key < 0x7f)
        bytes[n++] = (char)(key & 0x1f); /* Ctrl-[ is the guest's Esc */
    else if (key < 0x10000)
        n = utf8_put(bytes, (u32)key);
    c->keys(c->opaque, bytes, n);
}

/* ---- words for the frames to light up ------------------------------------ */

void keys_to_find(struct controls *c, int key, bool ctrl)
{
    struct view *v = c->v;
    if (key == KEY_ESC || key == KEY_ENTER)
        v->finding = false;
    if (key == KEY_ENTER)
        controls_light(c, v->find);
    else if (ctrl && (key == 'u' || key == 'U'))
        v->find[0] = 0;
    else if (!ctrl)
        type_into(v->find, sizeof v->find, key);
}
