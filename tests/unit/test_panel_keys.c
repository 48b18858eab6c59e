/* SPDX-License-Identifier: MIT */
// rooms: panel inspect machine engine mmu hart isa dev time boot history base linux xv6 dwarf
/* In the table of keys each row does something, no key has two meanings; hints
 * name keys that work. For single keys see tests/panel/scenes/keys.scene. */
#include "unit.h"

#include "../panel/press.h"

/* True if a key changes the view or makes the session do something. (The note
 * "is no key here" does not count.) */
static bool does_something(struct scene *s, int key, bool terminal)
{
    struct calls_seen h;
    struct controls c = controls_for(s, &h);
    static struct view before;
    c.terminal = terminal;
    before = *s->v;
    controls_key(&c, key & ~KEY_CTRL, key & KEY_CTRL);
    if (strstr(s->v->note, "is no key here"))
        return false;
    return memcmp(&before, s->v, sizeof before) || h.nlines || h.nlight ||
           h.nkeys || c.picture || c.repaint || c.quit;
}

/* Each row of keys.def does something where it says that it is a key, and
 * nothing elsewhere. */
TEST(every_row_does_something)
{
    for (unsigned i = 0; i < nkey_rows; i++)
        for (int terminal = 0; terminal < 2; terminal++) {
            const struct key_row *row = &key_rows[i];
            if (row->key == KEY_NONE)
                continue;
            SCENE(s, 1280, 800, 4096, false);
            s.v->zoom = 1;
            s.v->scroll[s.v->tab] = 20;
            bool did = does_something(&s, row->key, terminal);
            bool here = false;
            for (unsigned k = 0; k < nkey_rows; k++)
                here |= key_rows[k].key == row->key &&
                        key_rows[k].where & (terminal ? AT_TERM : AT_WINDOW);
            if (did != here)
                fail_msg("row %u '%s': %s", i, row->name,
                         did ? "is a key here" : "does nothing");
        }
}

/* Several rows of keys.def, or a row and a tab, could claim one key; each key
 * must have one meaning in the window, and one in the terminal. */
TEST(no_key_has_two_meanings)
{
    for (unsigned i = 0; i < nkey_rows; i++) {
        const struct key_row *row = &key_rows[i];
        if (row->key == KEY_NONE)
            continue;
        for (enum pane_id tab = TAB_FIRST; tab < PANES; tab++)
            if (row->key == panes[tab].key)
                fail_msg("'%s' is the key of a tab, too", row->name);
        for (unsigned j = i + 1; j < nkey_rows; j++)
            if (row->key == key_rows[j].key && row->where & key_rows[j].where)
                fail_msg("rows %u and %u ('%s') have the same key", i, j,
                         row->name);
    }
    for (enum pane_id a = TAB_FIRST; a < PANES; a++)
        for (enum pane_id b = a + 1; b < PANES; b++)
            assert_int_not_equal(panes[a].key, panes[b].key);
}

static struct scene in_state(int at)
{
    struct scene s = scene_new(1280, 800, 4096, false);
    s.v->console = at == 1;
    s.v->finding = at == 2;
    s.v->help = at == 3;
    s.d->running = at == 4 || at == 1;
    s.d->walk_live = at == 5;
    s.d->walk.phase = WALK_RUNNING;
    s.v->tab = at == 6 ? PANE_POLICY : PANE_WALK;
    s.v->slider = at == 6 ? 1 : -1;
    s.d->caption_pfn = at == 7 ? 5 : LENS_NO_PFN;
    s.d->card = s.d->card_waits = at == 8;
    s.d->past = at == 9;
    return s;
}

/* Each key that a hint names is a tab's or in keys.def, and does something. */
TEST(hints_are_keys)
{
    for (int at = 0; at < 10; at++) {
        struct scene s FREED_BY(scene_free) = in_state(at);
        struct hint now[HINTS + 1];
        hints_now(s.v, s.d, now);
        for (const struct hint *k = now; k->name; k++) {
            struct scene then FREED_BY(scene_free) = in_state(at);
            bool known = k->key == KEY_NONE;
            for (unsigned i = 0; i < nkey_rows; i++)
                known |= key_rows[i].key == k->key;
            for (enum pane_id tab = TAB_FIRST; tab < PANES; tab++)
                known |= panes[tab].key == k->key;
            assert_true(known && *k->does);
            if (k->key != KEY_NONE && !does_something(&then, k->key, false))
                fail_msg("state %d: %s does nothing", at, k->name);
        }
        if (at == 0 || at == 7 || at == 8)
            assert_int_equal(now->key, KEY_ENTER);
        if (at == 5)
            assert_int_equal(now->key, 'w');
    }
}
