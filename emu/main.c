/* SPDX-License-Identifier: MIT */
/* The program: configuration in, machine and session up, faces on. */
#include <errno.h>
#include <fcntl.h>
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

/* The options of scripts (`# options: ...`) come before those of the command
 * line, which therefore win. */
static char **with_script_options(int *argc, char **argv)
{
    static char **volatile kept; /* lives as long as the program, as argv */
    char **all = kept = xcalloc((size_t)*argc + 1, sizeof(*all));
    int n = 0;
    all[n++] = argv[0];
    for (int i = 1; i + 1 < *argc; i++) {
        char **words;
        if (strcmp(argv[i], "-x") && strcmp(argv[i], "--x"))
            continue;
        int count = script_options(argv[i + 1], &words);
        if (count < 0)
            die(argv[i + 1], "%s", strerror(errno));
        all = kept =
            xrealloc(all, (size_t)(n + count + *argc + 1) * sizeof(*all));
        for (int k = 1; k < count; k++)
            all[n++] = xstrdup(words[k]);
        free(words);
    }
    for (int i = 1; i < *argc; i++)
        all[n++] = argv[i];
    all[n] = NULL;
    *argc = n;
    return all;
}

/* A closed standard stream must not become the number of a disk's file. */
static void standard_streams(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= 2);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    static struct config c;
    char why[200];
    standard_streams();
    char **words = with_script_options(&argc, argv);
    config_parse(&c, argc, words);
    if (c.panel == PANEL_WINDOW && !panel_available(why, sizeof(why)))
        without_display(&c, why);
    struct host_io io = session_host_io(&c);
    struct machine *m = machine_new(&c, &io);
    if (c.load && !machine_load(m, c.load, why, sizeof(why)))
        die(c.load, "%s", why);
    if (c.load && c.timing_given)
        machine_set_timing(m, c.timing);
    struct session *s = session_new(m, &c);
    session_set_screenshot(s, panel_screenshot);
    int status = c.panel == PANEL_OFF ? session_main(s) : with_panel(s, &c);
    session_free(s);
    machine_free(m);
    return status;
}
