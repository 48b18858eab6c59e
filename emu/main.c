/* SPDX-License-Identifier: MIT */
/* The program: reads the configuration, makes and runs machine and session. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ending.h"
#include "config/config.h"
#include "gdb/gdb.h"
#include "lesson/lesson.h"
#include "machine/machine.h"
#include "monitor/drive.h"
#include "monitor/monitor.h"
#include "panel/panel.h"

static void *session_thread(void *s)
{
    int *status = xcalloc(1, sizeof(*status));
    *status = session_main(s);
    return status;
}

/* Says that there is no display for the panel. The run goes on at the terminal,
 * and leaves a picture of the panel. */
static void without_display(struct config *c, const char *why)
{
    if (!c->screenshot)
        c->screenshot = "panel.png";
    c->panel = PANEL_OFF;
    c->stay = isatty(0);
    if (c->nscripts && !c->pace_given)
        c->pace = 0; /* pace is for viewers */
    fprintf(stderr,
            "clockhand: no window: %s; running on the terminal, with a "
            "picture of the panel\n",
            why);
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

/* The options of a script (`# options: ...`) or lesson come before those of the
 * command line, which therefore win. */
struct words {
    char **v; /* lives as long as the program, as argv */
    int n;
};

static void add_words(struct words *w, char **more, int n)
{
    w->v = xrealloc(w->v, (size_t)(w->n + n + 1) * sizeof(*w->v));
    for (int i = 0; i < n; i++)
        w->v[w->n++] = xstrdup(more[i]);
    w->v[w->n] = NULL;
}

static void add_script(struct words *w, const char *file)
{
    char **words;
    if (!*file) /* config_parse reports the empty name */
        return;
    int count = script_options(file, &words);
    if (count < 0)
        die(file, "%s", strerror(errno));
    if (count)
        add_words(w, words + 1, count - 1);
    free(words);
}

/* Returns the option's value if argv[i] is -name or --name, else NULL. */
static const char *value_of(const char *name, char **argv, int i)
{
    size_t n = strlen(name);
    const char *a = argv[i];
    if (*a != '-')
        return NULL;
    a += a[1] == '-' ? 2 : 1;
    if (strncmp(a, name, n))
        return NULL;
    return a[n] == '=' ? a + n + 1 : a[n] ? NULL : argv[i + 1];
}

static struct lesson *lesson_asked(int argc, char **argv)
{
    const char *name = NULL, *value;
    for (int i = 1; i < argc; i++)
        if ((value = value_of("lesson", argv, i)))
            name = value; /* the last counts, as in config_parse */
    if (name && !strcmp(name, "list")) {
        lesson_list();
        exit(0);
    }
    return name ? lesson_find(name) : NULL;
}

static char **with_options(int *argc, char **argv, const struct lesson *l)
{
    static char **volatile kept; /* for the leak checker */
    struct words w = {0};
    add_words(&w, argv, 1);
    if (l) {
        int n;
        char **words = option_words(l->file, l->options.text, &n);
        add_words(&w, words + 1, n - 1);
        free(words);
    }
    for (int i = 1; i + 1 < *argc; i++)
        if (!strcmp(argv[i], "-x") || !strcmp(argv[i], "--x"))
            add_script(&w, argv[i + 1]);
    add_words(&w, argv + 1, *argc - 1);
    kept = w.v;
    (void)kept;
    *argc = w.n;
    return w.v;
}

/* The descriptor of a closed standard stream must not be given to a disk's
 * file, which would then receive the output. Such a stream is replaced by a
 * read-only /dev/null: reads find the end, and writes fail. */
static void standard_streams(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= 2);
    if (fd >= 0)
        close(fd);
    atexit(ending_check_streams);
}

/* A lesson's own machine is the same for every --seed: the seed chooses the
 * exercise. */
static void prepare_lesson(struct config *c, struct lesson_run *run)
{
    if (!c->lesson)
        return;
    if (!run->lesson)
        die("--lesson", "on the command line only");
    if (c->gdb)
        die("--gdb", "not with --lesson");
    run->asked = c->lesson;
    run->way = c->solve ? LESSON_SOLVE : c->grade ? LESSON_GRADE : LESSON_PLAY;
    run->seed = c->seed;
    run->verbose = c->verbose;
    run->tries = c->tries;
    run->exercise = c->exercise;
    c->seed = 1;
    if (run->way != LESSON_PLAY && !c->verbose)
        c->panel = PANEL_OFF;
}

/* Says that the loaded machine was off, if no script, monitor or panel does. */
static void say_off(const struct config *c, int status)
{
    if (!c->nscripts && !c->monitor && c->panel == PANEL_OFF)
        fprintf(stderr,
                "clockhand: %s: saved when the machine was off (status %d): "
                "nothing runs; --monitor or -x FILE looks at it\n",
                c->load, status);
}

int main(int argc, char **argv)
{
    static struct config c;
    char why[200];
    standard_streams();
    struct lesson *l = lesson_asked(argc, argv);
    struct lesson_run lesson = {.lesson = l, .program = argv[0]};
    char **words = with_options(&argc, argv, l);
    config_parse(&c, argc, words);
    prepare_lesson(&c, &lesson);
    ending_catch();
    if (c.panel == PANEL_WINDOW && !panel_available(why, sizeof(why)))
        without_display(&c, why);
    struct gdb_verb gdb = {.server = c.gdb ? gdb_listen(c.gdb) : NULL};
    struct host_io io = session_host_io(&c);
    struct machine *m = gdb.m = machine_new(&c, &io);
    struct session *s = session_new(m, &c);
    if (c.load && !session_load(s, c.load, why, sizeof(why)))
        die(c.load, "%s", why);
    if (c.load && m->off)
        say_off(&c, m->exit_status);
    if (c.load && c.timing_given)
        machine_set_timing(m, c.timing);
    session_set_screenshot(s, panel_screenshot);
    session_set_pictures(s, &panel_pictures);
    if (l)
        session_drive(s, lesson_drive, &lesson);
    else
        gdb_offer(&gdb, s);
    if (gdb.server)
        fprintf(stderr, "clockhand: waiting for gdb: target remote %s\n",
                gdb_attach(gdb.server, s, m));
    int status = c.panel == PANEL_OFF ? session_main(s) : with_panel(s, &c);
    gdb_free(gdb.server, status);
    session_free(s);
    machine_free(m);
    lesson_free(l);
    return ending_status(status);
}
