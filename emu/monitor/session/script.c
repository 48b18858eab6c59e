/* SPDX-License-Identifier: MIT */
/* Runs -x files and `source`: one command per line; a backslash at a line's end
 * joins the next line to it. The first command that fails ends the file. `#
 * options:` in the first line configures the machine. A program that sends
 * commands through a pipe, in JSON, learns of a failure from the answer, and
 * the commands go on. */
#include "base/ending.h"
#include "base/text.h"
#include "monitor/run/claims.h"
#include "monitor/session/sources.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LED         16 /* scripts within scripts */
#define BLOCK_LINES 100000

int script_status(enum command_status st)
{
    return st == CMD_FAILED ? 1 : st == CMD_BAD ? 2 : 0;
}

/* A source of commands: a file, a pipe, standard input. */
struct script {
    struct session *s;
    struct asker by;
    FILE *f;         /* stdin: the session's streams are read */
    bool waits;      /* reading may wait: a pipe, a terminal */
    const char *why; /* why the next line cannot be read */
};

static bool byte_there(void *session)
{
    const struct session *s = session;
    const struct streams *st = s->streams;
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    return s->quit || s->ended || st->in_at < st->in_n || st->in_ended ||
           poll(&in, 1, 0) != 0;
}

/* Standard input is read through the session's streams, which serve the window
 * while they wait. A signal ends any wait. */
static int next_byte(void *script)
{
    struct script *from = script;
    if (from->f == stdin && from->s->debugged.port)
        session_debugged(&(struct answer){.s = from->s, .to = &from->by},
                         byte_there, from->s);
    if (from->f == stdin)
        return from->s->quit ? -1 : streams_read(from->s->streams);
    if (from->waits && !ending_await(fileno(from->f)))
        return -1;
    return getc_unlocked(from->f);
}

/* Reads the next line. Counts it even if it cannot be read (from->why). */
static bool read_line(struct script *from, char **line, size_t *room)
{
    if (from->waits) /* the commands' sender may wait for the output */
        streams_flush(from->s->streams);
    bool any = text_line_from(next_byte, from, line, room, &from->why);
    from->by.line += any || from->why;
    return any;
}

/* Reads a command: a line, and those that a backslash at its end joins to it.
 * False: the input has ended, or a line cannot be read. */
static bool read_command(struct script *from, char **command)
{
    char *line = NULL;
    size_t room = 0, n = 0;
    bool more = true;
    while (more && read_line(from, &line, &room)) {
        size_t got = strlen(line);
        if (n + got > TEXT_LINE_MAX) {
            from->why = "lines joined without end";
            break;
        }
        *command = xrealloc(*command, n + got + 1);
        memcpy(*command + n, line, got + 1);
        n += got;
        more = n > 1 && !memcmp(*command + n - 2, "\\\n", 2);
        args_strip_comment(*command);
        n = strlen(*command);
        more &= n && (*command)[n - 1] == '\\'; /* not in a comment */
        if (more)
            (*command)[--n] = 0;
    }
    free(line);
    return !from->why && (n || !more) && !from->s->quit && !ending_asked();
}

/* Reads the block that *line opens, to its end, then runs it. */
static enum command_status run_block(struct script *from, char **line)
{
    struct session *s = from->s;
    struct answer a = {.s = s, .to = &from->by};
    struct block *b = block_new();
    unsigned first = from->by.line, n = 0;
    int depth = 0;
    bool ok;
    do {
        ok = block_add(&a, b, *line);
        depth += block_depth(*line);
    } while (ok && depth && ++n < BLOCK_LINES && read_command(from, line));
    enum command_status st = ok ? CMD_OK : CMD_BAD;
    if (ok && !depth) {
        st = block_execute(&a, b);
    } else if (ok && !from->why && !s->quit) {
        from->by.line = first;
        st = fail(&a, CMD_BAD, "the end of the block is missing");
    }
    block_free(b);
    return st;
}

/* A program that waits for answers in JSON learns of a failure from them. */
static enum command_status run_line(struct script *from, const char *line)
{
    enum command_status st = session_execute(from->s, &from->by, line);
    bool told = from->waits && from->by.told;
    return told && (st == CMD_FAILED || st == CMD_BAD) ? CMD_OK : st;
}

static enum command_status run_lines(struct script *from)
{
    struct session *s = from->s;
    struct answer a = {.s = s, .to = &from->by};
    enum command_status st = CMD_OK;
    char *line = NULL;
    while (st == CMD_OK && !s->ended && !s->quit && read_command(from, &line))
        st = block_depth(line) > 0 ? run_block(from, &line)
                                   : run_line(from, line);
    free(line);
    return from->why ? fail(&a, CMD_BAD, "%s", from->why) : st;
}

/* fopen would wait for a FIFO's writer, and no signal would end that wait.
 * NULL, with errno: the file cannot be opened. */
static FILE *open_at_once(const char *file)
{
    int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
    if (!f && fd >= 0)
        close(fd);
    if (f)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return f;
}

/* Opens a file of commands; false, with errno: it cannot be opened. */
static bool script_open(struct script *from, const char *file)
{
    struct stat st;
    from->f = strcmp(file, "-") ? open_at_once(file) : stdin;
    if (!from->f)
        return false;
    from->waits = !fstat(fileno(from->f), &st) && !S_ISREG(st.st_mode);
    if (from->f != stdin && from->waits)
        setvbuf(from->f, NULL, _IONBF, 0); /* poll must know of every byte */
    from->by.file = from->f == stdin ? "standard input" : file;
    from->by.in_file = from->f != stdin;
    return true;
}

enum command_status script_run(struct answer *a, const char *file)
{
    struct session *s = a->s;
    struct script from = {.s = s, .by = *a->to};
    if (s->led == LED)
        return fail(a, CMD_BAD, "%s: scripts nested too deep", file);
    from.by.who = IN_SCRIPT;
    from.by.line = 0;
    if (!script_open(&from, file))
        return fail(a, CMD_BAD, "%s: %s", file, strerror(errno));
    s->led++;
    s->files += from.by.in_file;
    enum command_status st = run_lines(&from);
    int error = ferror(from.f) ? errno : 0; /* such as EISDIR */
    if (from.f != stdin)
        fclose(from.f);
    s->files -= from.by.in_file;
    s->led--;
    if (!s->led) {
        st = claims_end(&(struct answer){.s = s, .to = &from.by}, st);
        s->streams->muted = false;
    }
    memcpy(a->to->error, from.by.error, sizeof from.by.error);
    if (error)
        return fail(a, CMD_BAD, "%s: %s", file, strerror(error));
    return st;
}

/* Takes one word of a line, quotes as in a shell; false at the end. */
static bool option_word(const char **p, char *to)
{
    char quote = 0;
    while (isspace((u8) * *p))
        ++*p;
    if (!**p)
        return false;
    for (; **p && (quote || !isspace((u8) * *p)); ++*p) {
        if (quote ? **p == quote : **p == '"' || **p == '\'')
            quote = quote ? 0 : **p;
        else if (**p == '\\' && quote != '\'' && (*p)[1])
            *to++ = *++*p;
        else
            *to++ = **p;
    }
    *to = 0;
    return true;
}

char **option_words(const char *first, const char *options, int *n)
{
    /* One allocation: pointers (at most one per character), then the words. */
    size_t most = strlen(options) + 2;
    char **v = xcalloc(1, most * sizeof *v + strlen(first) + 2 * most);
    char *to = strcpy((char *)(v + most), first);
    *n = 0;
    do {
        v[(*n)++] = to;
        to += strlen(to) + 1;
    } while (option_word(&options, to));
    return v;
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
        return 0; /* a pipe can be read once, so its lines are commands */
    FILE *f = fopen(file, "r");
    if (!f)
        return -1;
    const char *why;
    bool any = text_line(f, &line, &room, &why);
    fclose(f);
    if (any && !strncmp(line, head, strlen(head)))
        *argv = option_words(file, line + strlen(head), &argc);
    free(line);
    return argc;
}
