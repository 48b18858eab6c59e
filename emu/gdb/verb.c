/* SPDX-License-Identifier: MIT */
/* gdb: at a terminal's prompt, starts a real gdb for this machine; in scripts,
 * pipes, the panel and JSON, prints the command line that starts it. */
#include "inspect/symbols.h"
#include "monitor/run/run.h"

#include "gdb/internal.h"

#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define GDB       "gdb-multiarch"
#define TEXT_MOST 4500 /* a command of gdb's with a file's name */

struct command_line {
    char *argv[12];
    unsigned n;
};

__attribute__((format(printf, 2, 3))) static void add(struct command_line *c,
                                                      const char *fmt, ...)
{
    char text[TEXT_MOST];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    c->argv[c->n++] = xstrdup(text);
}

/* Writes gdb's command line: the session's port, the symbols of the kernel and
 * of the program that the hart's process executes. */
static void command_line(struct session *s, const char *where,
                         struct command_line *c)
{
    u64 bias = 0;
    const char *program = inspect_program_file(s->sources, &bias);

    *c = (struct command_line){.n = 0};
    add(c, GDB);
    add(c, "-q");
    if (inspect_main_source(s->sources))
        add(c, "%s", s->m->symbols_file);
    add(c, "-ex");
    add(c, "set confirm off");
    add(c, "-ex");
    add(c, "target remote %s", where);
    if (program) {
        add(c, "-ex");
        add(c, "add-symbol-file %s -o 0x%llx", program, bias);
    }
}

static enum command_status print_line(struct answer *a,
                                      const struct command_line *c)
{
    char text[3 * TEXT_MOST];
    size_t at = 0;

    for (unsigned i = 0; i < c->n; i++)
        at = append(text, sizeof text, at,
                    strchr(c->argv[i], ' ') ? "%s'%s'" : "%s%s", i ? " " : "",
                    c->argv[i]);
    json_add(&a->j, "{command:%s}", text);
    say(a, "%s\n", text);
    return finish_json(a);
}

static bool has_ended(void *child)
{
    return waitpid(*(pid_t *)child, NULL, WNOHANG) != 0;
}

/* Runs gdb until it ends. Meanwhile Ctrl-C at the terminal is gdb's. */
static enum command_status run(struct answer *a, char **argv)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction interrupt, quit;
    posix_spawnattr_t attributes;
    sigset_t set;
    pid_t child;

    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    sigemptyset(&set);
    posix_spawnattr_setsigmask(&attributes, &set);
    sigfillset(&set);
    posix_spawnattr_setsigdefault(&attributes, &set);
    streams_flush(a->s->streams);
    sigaction(SIGINT, &ignore, &interrupt);
    sigaction(SIGQUIT, &ignore, &quit);
    int error = posix_spawnp(&child, GDB, NULL, &attributes, argv, environ);
    if (!error)
        session_debugged(a, has_ended, &child);
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGQUIT, &quit, NULL);
    posix_spawnattr_destroy(&attributes);
    return error ? fail(a, CMD_BAD, "gdb: %s: %s", GDB, strerror(error))
                 : CMD_OK;
}

static enum command_status gdb_verb(void *verb, struct answer *a)
{
    struct gdb_verb *v = verb;
    struct session *s = a->s;
    struct command_line c;
    enum command_status st;

    if (debugger_attached(s))
        return fail(a, CMD_BAD, "gdb: a gdb is attached already");
    if (!v->server) {
        v->server = gdb_listen("0");
        gdb_attach(v->server, s, v->m);
    }
    s->debugged.open |= !s->led;
    command_line(s, gdb_where(v->server), &c);
    st = a->to->who == IN_PROMPT && s->streams->tty && !a->json &&
                 isatty(STDOUT_FILENO)
             ? run(a, c.argv)
             : print_line(a, &c);
    while (c.n)
        free(c.argv[--c.n]);
    return st;
}

void gdb_offer(struct gdb_verb *v, struct session *s)
{
    session_gdb_verb(s, gdb_verb, v);
}
