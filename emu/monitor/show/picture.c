/* SPDX-License-Identifier: MIT */
/* Makes pictures of the panel, for the verb `screenshot` and for --screenshot.
 * The picture of --screenshot is taken where a script says `screenshot` without
 * a file, else at the end (--run: before the program's memory is freed). */
#include "inspect/display.h"
#include "inspect/parts.h"
#include "inspect/process.h"
#include "monitor/language/args.h"
#include "monitor/terminal/terminal.h"

#define INIT_PID 1

void session_set_screenshot(struct session *s,
                            bool (*fn)(const struct ins_display *d,
                                       const struct config *c, const char *path,
                                       char *err, size_t n))
{
    s->show.screenshot = fn;
}

static bool picture_write(struct session *s, const struct ins_display *d,
                          const char *file, char *err, size_t n)
{
    return s->show.screenshot(d, s->config, file, err, n);
}

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
    s->show.picture_tried |= !named;
    if (!picture_write(s, publish_work(s), file, err, sizeof err))
        return fail(a, CMD_BAD, "screenshot: %s: %s", file, err);
    s->show.pictured |= !named;
    if (a->to->who == IN_PANEL)
        say(a, "picture: %s\n", file);
    return CMD_OK;
}

u64 picture_reasons(const struct session *s)
{
    bool wanted =
        s->config->run && s->config->screenshot && !s->show.picture_tried;
    return wanted ? 1ull << R_EXIT : 0;
}

/* Copies the display when the --run command ends. The command is a child of
 * init. At the event that frees its first frame, all its other memory is still
 * there. */
void picture_event(struct session *s)
{
    struct ins_event e = inspect_met(s->m);
    struct ins_proc p;
    if (!picture_reasons(s) || e.reason != R_EXIT ||
        e.pid == s->show.last_look_pid || !inspect_proc(s->m, e.pid, &p) ||
        p.ppid != INIT_PID)
        return;
    s->show.last_look_pid = e.pid;
    if (!s->show.last_look)
        s->show.last_look = inspect_display_new(s->m);
    inspect_display_copy(s->show.last_look, publish_work(s));
}

void picture_at_exit(struct session *s)
{
    const char *file = s->config->screenshot;
    char err[200];
    if (!file || !s->show.screenshot || s->show.picture_tried)
        return;
    bool before = s->show.last_look && s->m->off;
    if (!picture_write(s, before ? s->show.last_look : publish_work(s), file,
                       err, sizeof err))
        complain(file, "%s", err);
    else
        s->show.pictured = true;
}

void picture_say(struct session *s)
{
    if (s->show.pictured && s->config->screenshot)
        fprintf(stderr, "clockhand: a picture of the panel is in %s\n",
                s->config->screenshot);
}
