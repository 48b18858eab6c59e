/* SPDX-License-Identifier: MIT */
/* Makes the film of `record FILE`: pictures of the panel at equal steps of
 * simulated time, whatever the host's speed. The same run gives the same
 * pictures, because the film has a display of its own, which changes only at a
 * picture, and because a caption stays for a number of pictures, not seconds.
 * Instructions that are repeated after going back are not filmed again. */
#include "monitor/show/film.h"

#include "base/whole.h"
#include "history/history.h"
#include "inspect/display.h"
#include "inspect/events.h"
#include "monitor/language/args.h"
#include "monitor/terminal/terminal.h"

#include <errno.h>
#include <stdlib.h>

#define PICTURE_EVERY "10ms"
#define READ_PICTURES (3 * FILM_PER_SECOND / 2) /* pictures of one caption */

struct film {
    struct encoder encoder;
    char file[4096];
    u64 pictures, latest; /* latest: the cycle of the latest picture */
    struct ins_display *display;
    void *panel; /* from session_pictures.open */
    u64 events;  /* considered for captions so far */
    u64 read;    /* up to this picture only a higher rank gets a caption */
    unsigned rank;
    bool broken; /* ffmpeg has ended */
};

void session_set_pictures(struct session *s, const struct session_pictures *p)
{
    s->show.pictures = p;
}

static void film_caption(struct session *s, struct film *f)
{
    struct ins_display *d = f->display;
    struct ins_event e;
    unsigned rank = publish_best_event(s, &f->events, &e);
    if (!rank || (f->pictures < f->read && rank <= f->rank))
        return;
    f->rank = rank;
    f->read = f->pictures + READ_PICTURES;
    inspect_caption(s->m, &e, d->caption, sizeof d->caption);
    d->caption_pfn = publish_frame(s, &e);
    d->caption_cycle = e.cycle;
}

static void film_picture(void *opaque)
{
    struct session *s = opaque;
    struct film *f = s->show.film;
    struct ins_display *d = f->display;
    u64 now = machine_now(s->m);
    if (f->broken || history_repeats(s->m->past) ||
        (f->pictures && now <= f->latest))
        return;
    f->latest = now;
    film_caption(s, f);
    d->samples = s->show.work->samples;
    s64 told = d->caption_pfn == LENS_NO_PFN ? -1 : (s64)d->caption_pfn;
    publish_fill(s, d, told, false);
    int w, h;
    const u32 *px = s->show.pictures->draw(f->panel, d, &w, &h);
    f->broken = !encoder_write(&f->encoder, px, (size_t)w * (size_t)h * 4);
    f->pictures++;
}

static void film_free(struct session *s, struct film *f)
{
    machine_on_clock(s->m, CLOCK_FILM, 0, NULL, NULL);
    inspect_display_free(f->display);
    s->show.pictures->close(f->panel);
    free(f);
    s->show.film = NULL;
}

static bool film_end(struct session *s, char *err, size_t n)
{
    struct film *f = s->show.film;
    if (!f)
        return true;
    bool ok = encoder_finish(&f->encoder, err, n);
    film_free(s, f);
    return ok;
}

void film_at_exit(struct session *s)
{
    char err[200], file[4096];
    if (!s->show.film)
        return;
    snprintf(file, sizeof file, "%s", s->show.film->file);
    if (!film_end(s, err, sizeof err))
        complain(file, "record: %s", err);
}

static enum command_status film_begin(struct answer *a, const char *file,
                                      u64 every)
{
    struct session *s = a->s;
    char err[200];
    int w, h;
    if (!whole_writable(file))
        return fail(a, CMD_BAD, "record: %s: cannot be written: %s", file,
                    strerror(errno));
    struct film *f = xcalloc(1, sizeof *f);
    f->panel = s->show.pictures->open(s->config, &w, &h);
    f->display = inspect_display_new(s->m);
    f->display->caption_pfn = LENS_NO_PFN;
    f->display->caption_cycle = NEVER;
    f->events = inspect_events_count(s->events);
    snprintf(f->file, sizeof f->file, "%s", file);
    s->show.film = f;
    if (!encoder_start(&f->encoder, file, w, h, err, sizeof err)) {
        film_free(s, f);
        return fail(a, CMD_BAD, "record: %s", err);
    }
    film_picture(s);
    machine_on_clock(s->m, CLOCK_FILM, every, film_picture, s);
    return CMD_OK;
}

static enum command_status film_stop(struct answer *a)
{
    struct session *s = a->s;
    char err[200];
    u64 pictures = s->show.film ? s->show.film->pictures : 0;
    if (!s->show.film)
        return fail(a, CMD_BAD, "record off: nothing is recorded");
    if (!film_end(s, err, sizeof err))
        return fail(a, CMD_BAD, "record: %s", err);
    if (a->to->who != IN_SCRIPT)
        say(a, "%llu pictures\n", pictures);
    return CMD_OK;
}

enum command_status cmd_record(struct answer *a, const char *args)
{
    struct session *s = a->s;
    char file[4096];
    u64 every;
    const char *preset = PICTURE_EVERY;
    if (!args_word(a, &args, file, sizeof file, "a file"))
        return CMD_BAD;
    if (!strcmp(file, "off"))
        return args_end(a, args) ? film_stop(a) : CMD_BAD;
    if (!args_amount(a, args_more(&args) ? &args : &preset, &every, "a time") ||
        !args_end(a, args))
        return CMD_BAD;
    if (!every)
        return fail(a, CMD_BAD, "record: the interval is 0 cycles");
    if (s->show.film)
        return fail(a, CMD_BAD, "record: writing %s; record off ends it",
                    s->show.film->file);
    if (!s->show.pictures)
        return fail(a, CMD_BAD, "record: this build has no panel");
    return film_begin(a, file, every);
}
