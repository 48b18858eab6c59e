/* SPDX-License-Identifier: MIT */
/* Runs the window in the main thread; the machine has its own. SDL2 gives
 * events and takes one upload per picture. Without acceleration the upload is a
 * copy into shared memory; with it, X11 needs 20 times as long. */
#include "panel/panel.h"

#include "panel/input/keys.h"
#include "panel/window/screenshot.h"
#include "panel/window/sdl.h"
#include "panel/term/term.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FRAME_MS 16 /* the session publishes displays at 60 Hz */

struct window {
    SDL_Window *sdl;
    struct session *session;
    struct ins_display *d;
    struct view *v;
    struct controls c;
    struct fb fb;
    double dots; /* the screen's dots per point of the window's size */
    bool changed, closed;
    bool placed; /* keep_on_screen is done */
    u32 began;
};

/* Returns the names of SDL's drivers for the displays of this host, or NULL.
 * The caller does not ask SDL without a display, because its libraries complain
 * on standard error. If SDL_VIDEODRIVER is set, its value is returned. */
static const char *find_display(void)
{
    const char *x11 = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
    const char *own = getenv("SDL_VIDEODRIVER"), *dir;
    bool has_x11 = x11 && *x11, has_wayland = wayland && *wayland;
    if (own && *own)
        return own;
    dir = getenv("XDG_RUNTIME_DIR");
    if (has_wayland && *wayland != '/' && (!dir || access(dir, X_OK)))
        has_wayland = false;
    return has_x11 && has_wayland ? "x11,wayland"
           : has_x11              ? "x11"
           : has_wayland          ? "wayland"
                                  : NULL;
}

bool panel_available(char *why, size_t n)
{
    const char *drivers = find_display(), *wrong;

    if (!drivers) {
        snprintf(why, n,
                 "no display (neither DISPLAY nor WAYLAND_DISPLAY "
                 "names one)");
        return false;
    }
    wrong = sdl_open();
    if (!wrong) {
        sdl.SetHint(SDL_HINT_VIDEODRIVER, drivers);
        sdl.SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
        sdl.SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
        if (sdl.InitSubSystem(SDL_INIT_VIDEO))
            wrong = sdl.GetError();
    }
    if (wrong) {
        snprintf(why, n, "no display (SDL: %s)", wrong);
        return false;
    }
    const char *driver = sdl.GetCurrentVideoDriver();
    if (driver && (!strcmp(driver, "offscreen") || !strcmp(driver, "dummy"))) {
        snprintf(why, n, "no display (SDL found only \"%s\")", driver);
        sdl.QuitSubSystem(SDL_INIT_VIDEO);
        return false;
    }
    return true;
}

/* Returns a key that types no text, or KEY_NONE. Keys that type text arrive as
 * text, with Shift and the keyboard's layout applied, unless Ctrl is held. */
static int special_key(SDL_Keycode k)
{
    static const struct {
        SDL_Keycode sdl;
        int key;
    } table[] = {
        {SDLK_RETURN, KEY_ENTER},
        {SDLK_KP_ENTER, KEY_ENTER},
        {SDLK_TAB, KEY_TAB},
        {SDLK_BACKSPACE, KEY_BACKSPACE},
        {SDLK_ESCAPE, KEY_ESC},
        {SDLK_UP, KEY_UP},
        {SDLK_DOWN, KEY_DOWN},
        {SDLK_LEFT, KEY_LEFT},
        {SDLK_RIGHT, KEY_RIGHT},
        {SDLK_HOME, KEY_HOME},
        {SDLK_END, KEY_END},
        {SDLK_PAGEUP, KEY_PAGE_UP},
        {SDLK_PAGEDOWN, KEY_PAGE_DOWN},
        {SDLK_INSERT, KEY_INSERT},
        {SDLK_DELETE, KEY_DELETE},
        {SDLK_F10, KEY_F10},
        {SDLK_F12, KEY_F12},
    };
    for (unsigned i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].sdl == k)
            return table[i].key;
    return KEY_NONE;
}

static void on_text(struct window *w, const char *text)
{
    const u8 *p = (const u8 *)text;
    while (*p) {
        int n = *p < 0x80 ? 0 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : 3;
        int c = *p & (n ? 0x3f >> n : 0x7f);
        for (p++; n && (*p & 0xc0) == 0x80; n--)
            c = c << 6 | (*p++ & 0x3f);
        if (c < 0x10000)
            controls_key(&w->c, c, false);
    }
}

static void on_key_down(struct window *w, const SDL_KeyboardEvent *e)
{
    bool ctrl = e->keysym.mod & KMOD_CTRL;
    int key = special_key(e->keysym.sym);
    if (key != KEY_NONE)
        controls_key(&w->c, key, ctrl);
    else if (ctrl && e->keysym.sym > ' ' && e->keysym.sym < 0x7f)
        controls_key(&w->c, (int)e->keysym.sym, true);
}

/* CAPTION_HIGH, BORDERS_WIDE: a guess at the window manager's frame. Its true
 * size is known some time after the window is shown, PLACING_MS at most. */
enum { CAPTION_HIGH = 40, BORDERS_WIDE = 16, PLACING_MS = 1000 };

static int larger_of(int a, int b)
{
    return a > b ? a : b;
}

/* Returns the window's first place: nine tenths of the screen without the
 * desktop's own panels, or 1280 x 800 if that is more, but no more than fits
 * with the window manager's frame, unless that is below the least size.
 * beside_terminal leaves the left two fifths to the terminal of a lesson. */
static SDL_Rect first_place(bool beside_terminal)
{
    SDL_Rect all, r = {SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED,
                       PANEL_WIDTH, PANEL_HEIGHT};
    if (sdl.GetDisplayUsableBounds(0, &all))
        return r;
    r.w = larger_of(r.w, all.w * 9 / 10);
    r.h = larger_of(r.h, all.h * 9 / 10);
    if (r.h > all.h - CAPTION_HIGH)
        r.h = all.h - CAPTION_HIGH;
    if (r.w > all.w - BORDERS_WIDE)
        r.w = all.w - BORDERS_WIDE;
    if (beside_terminal)
        r.w = all.w * 3 / 5 - BORDERS_WIDE;
    r.w = larger_of(r.w, MIN_WIDTH);
    r.h = larger_of(r.h, MIN_HEIGHT);
    if (beside_terminal) {
        r.x = all.x + all.w - r.w - BORDERS_WIDE / 2;
        r.y = all.y + (all.h - r.h) / 2;
    }
    return r;
}

/* Moves all of the window onto the screen, and shrinks it if need be: until the
 * borders are known, or PLACING_MS have passed. Later moves are the user's. */
static void keep_on_screen(struct window *w)
{
    SDL_Rect all;
    int top, left, bottom, right, x, y, width, height;
    int display = sdl.GetWindowDisplayIndex(w->sdl);
    if (w->placed || display < 0 || sdl.GetDisplayUsableBounds(display, &all) ||
        sdl.GetWindowBordersSize(w->sdl, &top, &left, &bottom, &right))
        return;
    w->placed = top || sdl.GetTicks() - w->began > PLACING_MS;
    sdl.GetWindowSize(w->sdl, &width, &height);
    int most_w = all.w - left - right, most_h = all.h - top - bottom;
    if (width > most_w || height > most_h) {
        width = width > most_w ? most_w : width;
        height = height > most_h ? most_h : height;
        sdl.SetWindowSize(w->sdl, width, height);
    }
    sdl.GetWindowPosition(w->sdl, &x, &y);
    int to_x = x, to_y = y;
    if (to_x + width + right > all.x + all.w)
        to_x = all.x + all.w - width - right;
    if (to_y + height + bottom > all.y + all.h)
        to_y = all.y + all.h - height - bottom;
    to_x = to_x < all.x + left ? all.x + left : to_x;
    to_y = to_y < all.y + top ? all.y + top : to_y;
    if (to_x != x || to_y != y)
        sdl.SetWindowPosition(w->sdl, to_x, to_y);
}

/* Sizes the picture in the screen's own dots, so that nothing is scaled
 * afterwards. Some screens have 1.5 or 2 dots per point of the window. */
static void resize(struct window *w)
{
    int width, height, points, high;
    sdl.GetWindowSizeInPixels(w->sdl, &width, &height);
    sdl.GetWindowSize(w->sdl, &points, &high);
    w->dots = points > 0 ? (double)width / points : 1;
    w->v->scale = (int)(w->dots * 100 + .5);
    if (width == w->fb.w && height == w->fb.h)
        return;
    fb_free(&w->fb);
    fb_init(&w->fb, width > 0 ? width : 1, height > 0 ? height : 1);
    w->c.w = w->fb.w;
    w->c.h = w->fb.h;
}

static int dot(const struct window *w, int point)
{
    return (int)(point * w->dots);
}

static void on_event(struct window *w, const SDL_Event *e)
{
    w->changed = true;
    switch (e->type) {
    case SDL_QUIT:
        w->closed = true;
        break;
    case SDL_KEYDOWN:
        on_key_down(w, &e->key);
        break;
    case SDL_TEXTINPUT:
        if (!(sdl.GetModState() & KMOD_CTRL))
            on_text(w, e->text.text);
        break;
    case SDL_MOUSEMOTION:
        controls_move(&w->c, dot(w, e->motion.x), dot(w, e->motion.y));
        break;
    case SDL_MOUSEBUTTONDOWN:
        if (e->button.button == SDL_BUTTON_LEFT)
            controls_press(&w->c, dot(w, e->button.x), dot(w, e->button.y));
        break;
    case SDL_MOUSEBUTTONUP:
        if (e->button.button == SDL_BUTTON_RIGHT)
            controls_why(&w->c, dot(w, e->button.x), dot(w, e->button.y));
        if (e->button.button == SDL_BUTTON_X1) /* a browser's "back" */
            trail_back(&w->c);
        if (e->button.button == SDL_BUTTON_LEFT)
            controls_release(&w->c, dot(w, e->button.x), dot(w, e->button.y));
        break;
    case SDL_MOUSEWHEEL: {
        int x, y;
        sdl.GetMouseState(&x, &y);
        controls_wheel(&w->c, e->wheel.y, dot(w, x), dot(w, y));
        break;
    }
    case SDL_WINDOWEVENT:
        if (e->window.event == SDL_WINDOWEVENT_LEAVE)
            controls_leave(&w->c);
        if (e->window.event == SDL_WINDOWEVENT_EXPOSED)
            keep_on_screen(w);
        resize(w);
        break;
    default:
        w->changed = false;
        break;
    }
}

/* Writes the window's picture to a file named after the cycle (key F12). */
static void write_picture(struct window *w)
{
    static const char said[] = "picture written to ";
    char err[160];
    w->c.picture = false;
    if (!strncmp(w->v->note, said, sizeof said - 1))
        w->v->note[0] = 0; /* a picture does not mention the one before */
    const char *path = phrase("clockhand-%llu.png", w->d->cycle);
    if (panel_picture(&w->fb, w->d, w->v, path, err, sizeof err))
        view_note(w->v, w->d, "%s%s", said, path);
    else
        view_note(w->v, w->d, "%s: %s", path, err);
    w->v->chosen[CHOICE_NOTE] = 0; /* the oldest: Esc undoes it last */
    w->changed = true;
}

/* Passes the picture as RGB888, as the window's surface has it on X11 and
 * Wayland, so that SDL copies rows. With ARGB8888 it would convert each pixel,
 * which takes a fifth of the time of a picture. */
static void present(struct window *w)
{
    SDL_Surface *s = sdl.GetWindowSurface(w->sdl);
    if (!s)
        return;
    SDL_Surface *ours = sdl.CreateRGBSurfaceWithFormatFrom(
        w->fb.px, w->fb.w, w->fb.h, 32, w->fb.w * 4, SDL_PIXELFORMAT_RGB888);
    if (!ours)
        return;
    sdl.SetSurfaceBlendMode(ours, SDL_BLENDMODE_NONE);
    sdl.UpperBlit(ours, NULL, s, NULL);
    sdl.FreeSurface(ours);
    sdl.UpdateWindowSurface(w->sdl);
}

static void window_loop(struct window *w)
{
    SDL_Event e;
    while (!w->closed && !session_ended(w->session)) {
        u32 began = sdl.GetTicks();
        w->v->now = began * 1e-3;
        while (sdl.PollEvent(&e))
            on_event(w, &e);
        bool ran = w->d->running;
        if (session_display(w->session, w->d)) {
            controls_observe(&w->c, ran);
            w->changed = true;
        }
        if (w->changed) {
            w->changed = false;
            panel_draw(&w->fb, w->d, w->v);
            if (w->c.picture)
                write_picture(w);
            present(w);
        }
        u32 took = sdl.GetTicks() - began;
        if (took < FRAME_MS)
            sdl.WaitEventTimeout(NULL, (int)(FRAME_MS - took));
    }
}

static void window_main(struct session *s, const struct config *c)
{
    struct window w = {.session = s, .changed = true, .began = sdl.GetTicks()};
    SDL_Rect at = first_place(c->lesson);
    w.sdl = sdl.CreateWindow("Clockhand", at.x, at.y, at.w, at.h,
                             SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    if (!w.sdl) {
        fprintf(stderr, "clockhand: panel: %s\n", sdl.GetError());
        return;
    }
    sdl.SetWindowMinimumSize(w.sdl, MIN_WIDTH, MIN_HEIGHT);
    sdl.StartTextInput();
    w.d = session_display_new(s);
    w.v = view_new(c->light);
    w.c = controls_of(s, w.v, w.d);
    resize(&w);
    session_publish(s, true);
    window_loop(&w);
    session_publish(s, false);
    fb_free(&w.fb);
    view_free(w.v);
    inspect_display_free(w.d);
    sdl.DestroyWindow(w.sdl);
    sdl.QuitSubSystem(SDL_INIT_VIDEO);
}

void panel_main(struct session *s, const struct config *c)
{
    if (c->panel == PANEL_TERM)
        term_main(s, c);
    else
        window_main(s, c);
}
