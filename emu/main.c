/* SPDX-License-Identifier: MIT */
/* The program: configuration in, machine and session up, faces on. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"
#include "machine.h"
#include "monitor/monitor.h"
#include "panel/panel.h"

static void *session_thread(void *s)
{
    int *status = xcalloc(1, sizeof(*status));
    *status = session_main(s);
    return status;
}

/* A panel was asked for and there is no display: say so, go on at the
 * terminal, and leave a picture. */
static void without_display(struct config *c, const char *why)
{
    if (!c->screenshot)
        c->screenshot = "panel.png";
    c->panel = PANEL_OFF;
    c->stay = isatty(0);
    fprintf(stderr,
            "clockhand: no window: %s; running on the terminal, a picture "
            "of the panel will be in %s\n",
            why, c->screenshot);
}

static int with_panel(struct session *s, const struct config *c)
{
    pthread_t t;
    void *result;
    if (pthread_create(&t, NULL, session_thread, s))
        die("panel", "cannot start a thread");
    panel_main(s, c);
    session_quit(s);
    pthread_join(t, &result);
    int status = *(int *)result;
    free(result);
    return status;
}

int main(int argc, char **argv)
{
    static struct config c;
    char why[200];
    config_parse(&c, argc, argv);
    if (c.panel == PANEL_WINDOW && !panel_available(why, sizeof(why)))
        without_display(&c, why);
    return 0;
}
