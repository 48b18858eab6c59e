/* SPDX-License-Identifier: MIT */
/* Makes pictures of the panel, for the verb `screenshot` and for --screenshot.
 * The picture of --screenshot is taken where a script says `screenshot` without
 * a file, else at the end (--run: before the program's memory is freed). */
#include "inspect/display.h"
#include "inspect/parts.h"
#include "inspect/process.h"
#include "show/show.h"

#define INIT_PID 1

static bool picture_write(struct show *v, const struct ins_display *d,
                          const char *file, char *err, size_t n)
{
    return v->screenshot(d, v->config, file, err, n);
}

bool picture_take(struct show *v, const char *file, char *err, size_t n)
{
    return picture_write(v, publish_work(v), file, err, n);
}

u64 picture_reasons(const struct show *v)
{
    bool wanted = v->config->run && v->config->screenshot && !v->picture.tried;
    return wanted ? 1ull << R_EXIT : 0;
}

/* Copies the display when the --run command ends. The command is a child of
 * init. At the event that frees its first frame, all its other memory is still
 * there. */
void picture_event(struct show *v)
{
    struct ins_event e = inspect_met(v->m);
    struct ins_proc p;
    if (!picture_reasons(v) || e.reason != R_EXIT ||
        e.pid == v->picture.last_look_pid || !inspect_proc(v->m, e.pid, &p) ||
        p.ppid != INIT_PID)
        return;
    v->picture.last_look_pid = e.pid;
    if (!v->picture.last_look)
        v->picture.last_look = inspect_display_new(v->m);
    inspect_display_copy(v->picture.last_look, publish_work(v));
}

void picture_at_exit(struct show *v)
{
    const char *file = v->config->screenshot;
    char err[200];
    if (!file || !v->screenshot || v->picture.tried)
        return;
    bool before = v->picture.last_look && v->m->off;
    if (!picture_write(v, before ? v->picture.last_look : publish_work(v), file,
                       err, sizeof err))
        complain(file, "%s", err);
    else
        v->picture.taken = true;
}

void picture_say(struct show *v)
{
    if (v->picture.taken && v->config->screenshot)
        fprintf(stderr, "clockhand: a picture of the panel is in %s\n",
                v->config->screenshot);
}
