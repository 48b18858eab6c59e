/* SPDX-License-Identifier: MIT */
/* Runs the panel in a page, which gives keys and the pointer and takes pixels.
 * There is one thread: the session runs in panel_main and hands control to the
 * page wherever it would sleep or has run for YIELD_AFTER. */
#include "panel/panel.h"

#include "base/whole.h"
#include "inspect/json.h"
#include "history/history.h"
#include "monitor/session/sources.h"
#include "console/stream.h"
#include "panel/input/keys.h"
#include "panel/tabs/knobs.h"
#include "panel/window/screenshot.h"

#include <emscripten.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#define YIELD_AFTER .01 /* host seconds between two looks at the page */

static struct page {
    struct session *session;
    struct ins_display *d; /* NULL: no panel is open */
    struct controls c;
    int w, h, scale; /* the canvas's size */
    struct fb fb;
    u32 *rgba; /* pixels in the canvas's byte order */
    struct json words;
    bool changed;
    void *(*thread)(void *);
    void *argument, *result;
} page;

/* ---- handing over ---------------------------------------------------- */

/* Returns when the page has sent a message, or after `ms`. */
EM_ASYNC_JS(void, page_wait, (double ms), { await Module.pageWait(ms); });

bool __real_inbox_wait(struct session *s, double seconds, bool terminal);
bool __wrap_inbox_wait(struct session *s, double seconds, bool terminal)
{
    static double latest;
    if (seconds || host_now() - latest > YIELD_AFTER) {
        page_wait(seconds < 0 ? 1000 : seconds * 1e3);
        latest = host_now();
    }
    __real_inbox_wait(s, 0, false);
    return terminal && EM_ASM_INT({ return Module.pageTyped(); });
}

/* main.c starts a thread for the session; panel_main calls its function. */
int pthread_create(pthread_t *t, UNUSED const pthread_attr_t *attributes,
                   void *(*fn)(void *), void *argument)
{
    *t = NULL;
    page.thread = fn;
    page.argument = argument;
    return 0;
}

int pthread_join(UNUSED pthread_t t, void **result)
{
    *result = page.result;
    return 0;
}

bool panel_available(char *why, size_t n)
{
    snprintf(why, n, "no display (node has none)");
    return EM_ASM_INT({ return Module.pagePixels ? 1 : 0; });
}

static void resize(void)
{
    if (!page.d || !page.w)
        return;
    fb_free(&page.fb);
    fb_init(&page.fb, page.w, page.h);
    page.rgba = xrealloc(page.rgba,
                         (size_t)page.w * (size_t)page.h * sizeof *page.rgba);
    page.c.w = page.w;
    page.c.h = page.h;
    page.c.v->scale = page.scale;
    page.changed = true;
}

/* Drops the guest's output, which would mix with the monitor's: the page shows
 * the console's screen as text (page_words). A lesson sets
 * console_fn to its own function, which shows the guest's lines. */
static void on_console(UNUSED void *opaque, UNUSED u8 byte)
{
}

void panel_main(struct session *s, const struct config *c)
{
    page.session = s;
    page.d = session_display_new(s);
    page.c = controls_of(s, view_new(c->light), page.d);
    resize();
    machine_note_disks(s->m);
    s->streams->console_fn = on_console;
    session_publish(s, true);
    page.result = page.thread(page.argument);
    if (s->show.shown) /* the last picture, also of a lesson's exercise */
        strcpy(s->show.shown->mode, "END"), s->show.shown->serial++;
    page_wait(250), page_wait(1); /* the worker sends picture, then words */
    session_publish(s, false);
    fb_free(&page.fb);
    view_free(page.c.v);
    inspect_display_free(page.d);
    page.d = NULL;
}

/* ---- called by the worker, between two turns ------------------------- */

/* The canvas has w x h dots; `scale` is 100 times the dots per CSS pixel. */
EMSCRIPTEN_KEEPALIVE void page_size(int w, int h, int scale)
{
    page.w = w;
    page.h = h;
    page.scale = scale;
    resize(); /* no effect before panel_main, which resizes, too */
}

/* Draws; returns the pixels of a new picture; NULL: nothing has changed. */
EMSCRIPTEN_KEEPALIVE const u32 *page_draw(double now)
{
    if (!page.d || !page.fb.px)
        return NULL;
    bool ran = page.d->running;
    page.c.v->now = now;
    if (session_display(page.session, page.d)) {
        controls_observe(&page.c, ran);
        page.changed = true;
    }
    if (!page.changed)
        return NULL;
    page.changed = false;
    panel_draw(&page.fb, page.d, page.c.v);
    for (size_t i = 0; i < (size_t)page.fb.w * (size_t)page.fb.h; i++)
        page.rgba[i] = __builtin_bswap32(page.fb.px[i] << 8) | 0xff000000;
    return page.rgba;
}

/* Takes a key by the browser's name for it, or a character; false: neither. */
EMSCRIPTEN_KEEPALIVE bool page_key(const char *name, int character)
{
    static const struct {
        const char *name;
        int key;
    } keys[] = {{"Enter", KEY_ENTER},
                {"Backspace", KEY_BACKSPACE},
                {"Escape", KEY_ESC},
                {"ArrowUp", KEY_UP},
                {"ArrowDown", KEY_DOWN},
                {"ArrowLeft", KEY_LEFT},
                {"ArrowRight", KEY_RIGHT},
                {"Home", KEY_HOME},
                {"End", KEY_END},
                {"PageUp", KEY_PAGE_UP},
                {"PageDown", KEY_PAGE_DOWN},
                {"Insert", KEY_INSERT},
                {"Delete", KEY_DELETE}};
    for (unsigned i = 0; !character && i < ARRAY_LEN(keys); i++)
        if (!strcmp(name, keys[i].name))
            character = keys[i].key;
    page.changed = true;
    if (character)
        controls_key(&page.c, character, false);
    return character;
}

/* Takes the pointer's action: move, press, release, why, leave or back. */
EMSCRIPTEN_KEEPALIVE void page_pointer(const char *what, int x, int y)
{
    static void (*const does[])(struct controls *, int,
                                int) = {['m'] = controls_move,
                                        ['p'] = controls_press,
                                        ['r'] = controls_release,
                                        ['w'] = controls_why};
    page.changed = true;
    if (*what == 'l') /* leave */
        controls_leave(&page.c);
    else if (*what == 'b')
        trail_back(&page.c);
    else
        does[(u8)*what](&page.c, x, y);
}

EMSCRIPTEN_KEEPALIVE void page_wheel(int steps, int x, int y)
{
    page.changed = true;
    controls_wheel(&page.c, steps, x, y);
}

EMSCRIPTEN_KEEPALIVE void page_pace(int at)
{
    knob_set(&page.c, 0, at);
}

EMSCRIPTEN_KEEPALIVE void page_line(const char *line)
{
    session_queue_line(page.session, line);
}

/* Takes a command as if from a key of the panel: a caption has the answer. */
EMSCRIPTEN_KEEPALIVE void page_command(const char *line)
{
    session_queue_command(page.session, line);
}

EMSCRIPTEN_KEEPALIVE void page_type(const char *bytes)
{
    session_queue_keys(page.session, bytes, strlen(bytes));
}

/* Returns, as JSON, completions of the line's last word, and its start. */
EMSCRIPTEN_KEEPALIVE const char *page_complete(const char *line)
{
    size_t at = strlen(line);
    const char *breaks = complete_breaks(line, at);
    while (at && !strchr(breaks, line[at - 1]))
        at--;
    struct words w = {.text = line + at, .length = strlen(line + at)};
    complete_line(page.session, line, at, &w);
    json_free(&page.words);
    json_add(&page.words, "{at:%u words:[", (unsigned)at);
    for (size_t i = 0; i < w.n; i++) {
        json_str(&page.words, NULL, w.list[i]);
        free(w.list[i]);
    }
    free(w.list);
    json_add(&page.words, "]}");
    return page.words.text;
}

/* Returns as JSON the picture in words, for blind users, and the console. */
EMSCRIPTEN_KEEPALIVE const char *page_words(void)
{
    const struct ins_display *d = page.d;
    if (!d)
        return "{}";
    json_free(&page.words);
    int pace = (int)knob_value(d, 0);
    json_add(&page.words, "{mode:%s time:%s free:%llu cycle:%llu present:%llu",
             d->mode, sim_time(d, d->cycle), d->free_frames, d->cycle,
             d->present);
    json_add(&page.words, " pace:%d paced:%s hz:%llu", pace,
             knob_text(d, 0, pace), d->clock_hz);
    json_add(&page.words, " policy:%s card:%s frame:%s console:[",
             d->policy_line, view_caption(page.c.v, d),
             frame_words(d, page.c.v));
    for (unsigned i = 0; i < INS_CONSOLE_ROWS; i++)
        json_str(&page.words, NULL, d->console[i]);
    json_add(&page.words, "]}");
    return page.words.text;
}

/* Writes the input log (`saved` is false) or the machine. Returns "", or why it
 * cannot be written. */
EMSCRIPTEN_KEEPALIVE const char *page_file(const char *path, bool saved)
{
    static char err[200];
    struct machine *m = page.session->m;
    *err = 0;
    if (saved)
        machine_save(m, path, err, sizeof err);
    else
        history_write_log(m->past, path, err, sizeof err);
    return err;
}

/* Returns a digest of n bytes, in hexadecimal. */
EMSCRIPTEN_KEEPALIVE const char *page_digest(const void *p, unsigned n)
{
    static char hex[17];
    snprintf(hex, sizeof hex, "%016llx", (u64)XXH3_64bits(p, n));
    return hex;
}

/* Writes pixels without compression (Netpbm's PPM): the page itself makes PNGs,
 * from its canvas. */
bool png_write(const struct fb *fb, const char *path, char *err, size_t n)
{
    struct whole w;
    if (!whole_open(&w, path)) {
        snprintf(err, n, "%s", strerror(errno));
        return false;
    }
    fprintf(w.f, "P6\n%d %d\n255\n", fb->w, fb->h);
    for (size_t i = 0; i < (size_t)fb->w * (size_t)fb->h; i++) {
        u32 p = fb->px[i];
        u8 rgb[] = {(u8)(p >> 16), (u8)(p >> 8), (u8)p};
        fwrite(rgb, 1, sizeof rgb, w.f);
    }
    if (whole_close(&w))
        return true;
    snprintf(err, n, "cannot be written: %s", strerror(errno));
    return false;
}
