/* SPDX-License-Identifier: MIT */
/* screenshot, record: pictures and films of the panel. */
#include "monitor/verbs/verbs.h"

#define PICTURE_EVERY "10ms"

enum command_status cmd_screenshot(struct answer *a, const char *args)
{
    struct session *s = a->s;
    char file[4096], err[200];
    bool named = args_more(&args);
    if (named && (!args_word(a, &args, file, sizeof file, "a file") ||
                  !args_end(a, args)))
        return CMD_BAD;
    if (!named && !s->config->screenshot && a->to->who != IN_SCRIPT)
        return fail(a, CMD_BAD, "screenshot: a file is missing");
    if (!named && !s->config->screenshot)
        return CMD_OK; /* no picture of this script is wanted */
    if (!named)
        snprintf(file, sizeof file, "%s", s->config->screenshot);
    if (!s->show.screenshot)
        return fail(a, CMD_BAD, "screenshot: this build has no panel");
    s->show.picture.tried |= !named;
    if (!picture_take(&s->show, file, err, sizeof err))
        return fail(a, CMD_BAD, "screenshot: %s: %s", file, err);
    s->show.picture.taken |= !named;
    if (a->to->who == IN_PANEL)
        say(a, "picture: %s\n", file);
    return CMD_OK;
}

static enum command_status record_off(struct answer *a)
{
    struct show *v = &a->s->show;
    char err[200];
    u64 pictures = film_pictures(v);
    if (!film_file(v))
        return fail(a, CMD_BAD, "record off: nothing is recorded");
    if (!film_end(v, err, sizeof err))
        return fail(a, CMD_BAD, "record: %s", err);
    if (a->to->who != IN_SCRIPT)
        say(a, "%llu pictures\n", pictures);
    return CMD_OK;
}

enum command_status cmd_record(struct answer *a, const char *args)
{
    struct show *v = &a->s->show;
    char file[4096], err[4400];
    u64 every;
    const char *preset = PICTURE_EVERY;
    if (!args_word(a, &args, file, sizeof file, "a file"))
        return CMD_BAD;
    if (!strcmp(file, "off"))
        return args_end(a, args) ? record_off(a) : CMD_BAD;
    if (!args_amount(a, args_more(&args) ? &args : &preset, &every, "a time") ||
        !args_end(a, args))
        return CMD_BAD;
    if (!every)
        return fail(a, CMD_BAD, "record: the interval is 0 cycles");
    if (film_file(v))
        return fail(a, CMD_BAD, "record: writing %s; record off ends it",
                    film_file(v));
    if (!v->pictures)
        return fail(a, CMD_BAD, "record: this build has no panel");
    return film_begin(v, file, every, err, sizeof err)
               ? CMD_OK
               : fail(a, CMD_BAD, "record: %s", err);
}
