/* SPDX-License-Identifier: MIT */
/* -x files and `source`: one command a line (a backslash at its end joins the
 * next one to it), the first that does not hold ends it; `# options:` in the
 * first line configures the machine. */
#include "monitor/session.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#define NESTING 16

int script_status(enum command_status st)
{
    return st == CMD_FAILED ? 1 : st == CMD_BAD ? 2 : 0;
}

/* As getline. With a window, standard input goes by the streams: they wait for
 * it so that the window goes on, and can be closed. */
static bool next_line(struct session *s, FILE *f, char **line, size_t *room)
{
    size_t n = 0;
    int c = 0;
    if (f != stdin || !s->streams->watched)
        return getline(line, room, f) > 0;
    while (c != '\n' && (c = streams_read(s->streams)) >= 0) {
        if (n + 1 >= *room)
            *line = xrealloc(*line, *room = *room * 2 + 128);
        (*line)[n++] = (char)c;
        (*line)[n] = 0;
    }
    return n > 0 && !s->quit;
}

/* A command: a line, and those that a backslash at its end joins to it. False:
 * there is none. */
static bool read_command(struct session *s, FILE *f, char **command)
{
    char *line = NULL;
    size_t room = 0, n = 0;
    bool more = true;
    while (more && next_line(s, f, &line, &room)) {
        size_t got = strlen(line);
        s->line++;
        *command = xrealloc(*command, n + got + 1);
        memcpy(*command + n, line, got + 1);
        n += got;
        more = n > 1 && !memcmp(*command + n - 2, "\\\n", 2);
        if (more)
            (*command)[(n -= 2)] = 0;
    }
    free(line);
    return n || !more;
}

/* A block to its end, then runs it. => line opens one */
static enum command_status block(struct session *s, FILE *f, char **line)
{
    struct block *b = lines_new();
    unsigned first = s->line;
    int depth = 1;
    lines_add(b, *line, first);
    while (depth && read_command(s, f, line)) {
        lines_add(b, *line, s->line);
        depth += lines_depth(*line);
    }
    enum command_status st = CMD_BAD;
    if (depth) {
        s->line = first;
        fail(s, CMD_BAD, "the end of the block is missing");
    } else {
        st = lines_run(s, b);
    }
    lines_free(b);
    return st;
}

static enum command_status lines(struct session *s, FILE *f)
{
    enum command_status st = CMD_OK;
    char *line = NULL;
    while (st == CMD_OK && !s->ended && !s->quit && read_command(s, f, &line))
        st = lines_depth(line) > 0 ? block(s, f, &line)
                                   : session_command(s, line);
    free(line);
    return st;
}

enum command_status script_run(struct session *s, const char *file)
{
    const char *outer_file = s->file;
    unsigned outer_line = s->line;
    enum context outer = s->context;
    bool outer_in_file = s->in_file;
    if (s->nesting == NESTING)
        return fail(s, CMD_BAD, "%s: scripts nested too deep", file);
    FILE *f = strcmp(file, "-") ? fopen(file, "r") : stdin;
    if (!f)
        return fail(s, CMD_BAD, "%s: %s", file, strerror(errno));
    s->nesting++;
    s->streams->scripted = true;
    s->file = f == stdin ? "standard input" : file;
    s->line = 0;
    s->context = IN_SCRIPT;
    s->in_file = f != stdin;
    enum command_status st = lines(s, f);
    int error = ferror(f) ? errno : 0; /* a directory's */
    if (f != stdin)
        fclose(f);
    s->nesting--;
    if (!s->nesting) {
        st = report_end(s, st);
        s->streams->muted = false;
    }
    s->streams->scripted = s->nesting > 0;
    s->file = outer_file;
    s->line = outer_line;
    s->context = outer;
    s->in_file = outer_in_file;
    if (error)
        return fail(s, CMD_BAD, "%s: %s", file, strerror(error));
    return st;
}

/* One word of a line, quotes as in a shell; NULL at the end. */
static char *word(const char **p, char *to)
{
    char quote = 0, *start = to;
    while (isspace((u8) * *p))
        ++*p;
    if (!**p)
        return NULL;
    for (; **p && (quote || !isspace((u8) * *p)); ++*p) {
        if (quote ? **p == quote : **p == '"' || **p == '\'')
            quote = quote ? 0 : **p;
        else if (**p == '\\' && quote != '\'' && (*p)[1])
            *to++ = *++*p;
        else
            *to++ = **p;
    }
    *to = 0;
    return start;
}

int script_options(const char *file, char ***argv)
{
    static const char head[] = "# options:";
    char *line = NULL;
    size_t room = 0;
    int argc = 0;
    struct stat st;
    *argv = NULL;
    if (stat(file, &st))
        return -1;
    if (!S_ISREG(st.st_mode))
        return 0; /* a pipe can be read once: its lines are commands */
    FILE *f = fopen(file, "r");
    if (!f)
        return -1;
    ssize_t n = getline(&line, &room, f);
    fclose(f);
    if (n > 0 && !strncmp(line, head, strlen(head))) {
        /* Pointers (no more than the line has characters), then the words. */
        size_t most = (size_t)n + 2;
        char **v = xcalloc(1, most * sizeof *v + strlen(file) + 2 * most);
        char *to = (char *)(v + most);
        const char *p = line + strlen(head);
        v[argc++] = strcpy(to, file);
        to += strlen(file) + 1;
        while ((v[argc] = word(&p, to)))
            to += strlen(v[argc++]) + 1;
        *argv = v;
    }
    free(line);
    return argc;
}
