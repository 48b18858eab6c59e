/* SPDX-License-Identifier: MIT */
/* The panel in a page: the page gives keys and the pointer, and takes pixels.
 * There is one thread. The session runs in panel_main and hands control to the
 * page wherever it would sleep or has run for a while. */
#include "panel/panel.h"

#include "base/whole.h"
#include "monitor/session/run.h"
#include "panel/input/keys.h"
#include "panel/window/screenshot.h"

#include <emscripten.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define YIELD_AFTER .01 /* host seconds between two looks at the page */

static struct page {
    struct session *session;
    struct ins_display *d; /* NULL: no panel is open */
    struct controls c;
    struct fb fb;
    u32 *rgba; /* the canvas's order of bytes */
    bool changed;
    void *(*thread)(void *);
    void *argument, *result;
} page;

/* ---- handing over ---------------------------------------------------- */

/* Returns when the page has sent something, after `ms` at the latest. */
EM_ASYNC_JS(void, page_wait, (double ms), { await Module.pageWait(ms); });

bool __real_publish_wait(struct session *s, double seconds, bool terminal);
bool __wrap_publish_wait(struct session *s, double seconds, bool terminal)
{
    static double latest;
    if (seconds || host_now() - latest > YIELD_AFTER) {
        page_wait(seconds < 0 ? 1000 : seconds * 1e3);
        latest = host_now();
    }
    return __real_publish_wait(s, 0, terminal);
}

/* main.c gives the session a thread of its own: panel_main calls it. */
int pthread_create(pthread_t *t, const pthread_attr_t *attributes,
                   void *(*fn)(void *), void *argument)
{
    (void)attributes;
    *t = NULL;
    page.thread = fn;
    page.argument = argument;
    return 0;
}

int pthread_join(pthread_t t, void **result)
{
    (void)t;
    *result = page.result;
    return 0;
}

bool panel_available(char *why, size_t n)
{
    snprintf(why, n, "no display (node has none)");
    return EM_ASM_INT({ return Module.pagePixels ? 1 : 0; });
}

void panel_main(struct session *s, const struct config *c)
{
    page.session = s;
    page.d = session_display_new(s);
    page.c = controls_of(s, view_new(c->light), page.d);
    session_publish(s, true);
    page.result = page.thread(page.argument);
    session_publish(s, false);
    fb_free(&page.fb);
    view_free(page.c.v);
    inspect_display_free(page.d);
    page.d = NULL;
}

/* ---- called by the worker, between two turns ------------------------- */

/* The canvas has w x h dots, `scale` percent of them to a point. */
EMSCRIPTEN_KEEPALIVE void page_size(int w, int h, int scale)
{
    if (!page.d)
        return;
    fb_free(&page.fb);
    fb_init(&page.fb, w, h);
    page.rgba = xrealloc(page.rgba, (size_t)w * (size_t)h * 4);
    page.c.w = w;
    page.c.h = h;
    page.c.v->scale = scale;
    page.changed = true;
}

/* The pixels of a new picture; NULL: nothing has changed. */
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

EMSCRIPTEN_KEEPALIVE void page_key(int key, bool ctrl)
{
    page.changed = true;
    controls_key(&page.c, key, ctrl);
}

enum page_pointer { MOVE, PRESS, RELEASE, WHY, BACK, LEAVE };
EMSCRIPTEN_KEEPALIVE void page_pointer(enum page_pointer what, int x, int y)
{
    page.changed = true;
    switch (what) {
    case MOVE:
        controls_move(&page.c, x, y);
        break;
    case PRESS:
        controls_press(&page.c, x, y);
        break;
    case RELEASE:
        controls_release(&page.c, x, y);
        break;
    case WHY:
        controls_why(&page.c, x, y);
        break;
    case BACK:
        trail_back(&page.c);
        break;
    case LEAVE:
        controls_leave(&page.c);
        break;
    }
}

EMSCRIPTEN_KEEPALIVE void page_wheel(int steps, int x, int y)
{
    page.changed = true;
    controls_wheel(&page.c, steps, x, y);
}

EMSCRIPTEN_KEEPALIVE void page_line(const char *line)
{
    session_queue_line(page.session, line);
}

EMSCRIPTEN_KEEPALIVE void page_type(const char *bytes)
{
    session_queue_keys(page.session, bytes, strlen(bytes));
}

/* Pixels without compression (Netpbm's PPM): the page keeps its pictures by
 * means of its own. */
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
