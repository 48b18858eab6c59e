/* SPDX-License-Identifier: MIT */
/* Makes the film of `record FILE`: pictures of the panel at equal steps of
 * simulated time, whatever the host's speed. The same run gives the same
 * pictures, because the film has a display of its own, which changes only at a
 * picture, and because a caption stays for a number of pictures, not seconds.
 * Instructions that are repeated after going back are not filmed again. */
#include "show/film.h"

#include "base/whole.h"
#include "history/history.h"
#include "inspect/display.h"
#include "inspect/events.h"
#include "show/show.h"

#include <errno.h>
#include <stdlib.h>

#define READ_PICTURES (3 * FILM_PER_SECOND / 2) /* pictures of one caption */

struct film {
    struct encoder encoder;
    char file[4096];
    u64 pictures, latest; /* latest: the cycle of the latest picture */
    struct ins_display *display;
    void *panel; /* from show_pictures.open */
    u64 events;  /* considered for captions so far */
    u64 read;    /* up to this picture only a higher rank gets a caption */
    unsigned rank;
    bool broken; /* ffmpeg has ended */
};

static void film_caption(struct show *v, struct film *f)
{
    struct ins_display *d = f->display;
    struct ins_event e;
    unsigned rank = publish_best_event(v, &f->events, &e);
    if (!rank || (f->pictures < f->read && rank <= f->rank))
        return;
    f->rank = rank;
    f->read = f->pictures + READ_PICTURES;
    inspect_caption(v->m, &e, d->caption, sizeof d->caption);
    d->caption_pfn = publish_frame(v, &e);
    d->caption_cycle = e.cycle;
}

static void film_picture(void *opaque)
{
    struct show *v = opaque;
    struct film *f = v->film;
    struct ins_display *d = f->display;
    u64 now = machine_now(v->m);
    if (f->broken || history_repeats(v->m->past) ||
        (f->pictures && now <= f->latest))
        return;
    f->latest = now;
    film_caption(v, f);
    d->samples = v->work->samples;
    s64 told = d->caption_pfn == LENS_NO_PFN ? -1 : (s64)d->caption_pfn;
    publish_fill(v, d, told, false);
    int w, h;
    const u32 *px = v->pictures->draw(f->panel, d, &w, &h);
    f->broken = !encoder_write(&f->encoder, px, (size_t)w * (size_t)h * 4);
    f->pictures++;
}

static void film_free(struct show *v, struct film *f)
{
    machine_on_clock(v->m, CLOCK_FILM, 0, NULL, NULL);
    inspect_display_free(f->display);
    v->pictures->close(f->panel);
    free(f);
    v->film = NULL;
}

bool film_end(struct show *v, char *err, size_t n)
{
    struct film *f = v->film;
    if (!f)
        return true;
    bool ok = encoder_finish(&f->encoder, err, n);
    film_free(v, f);
    return ok;
}

void film_at_exit(struct show *v)
{
    char err[200], file[4096];
    if (!v->film)
        return;
    snprintf(file, sizeof file, "%s", v->film->file);
    if (!film_end(v, err, sizeof err))
        complain(file, "record: %s", err);
}

bool film_begin(struct show *v, const char *file, u64 every, char *err,
                size_t n)
{
    int w, h;
    if (!whole_writable(file)) {
        snprintf(err, n, "%s: cannot be written: %s", file, strerror(errno));
        return false;
    }
    struct film *f = xcalloc(1, sizeof *f);
    f->panel = v->pictures->open(v->config, &w, &h);
    f->display = inspect_display_new(v->m);
    f->display->caption_pfn = LENS_NO_PFN;
    f->display->caption_cycle = NEVER;
    f->events = inspect_events_count(v->events);
    snprintf(f->file, sizeof f->file, "%s", file);
    v->film = f;
    if (!encoder_start(&f->encoder, file, w, h, err, n)) {
        film_free(v, f);
        return false;
    }
    film_picture(v);
    machine_on_clock(v->m, CLOCK_FILM, every, film_picture, v);
    return true;
}

u64 film_pictures(const struct show *v)
{
    return v->film ? v->film->pictures : 0;
}

const char *film_file(const struct show *v)
{
    return v->film ? v->film->file : NULL;
}
