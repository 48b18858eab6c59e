/* SPDX-License-Identifier: MIT */
/* Connects the process's standard streams to the machine: a file or pipe is
 * read when the guest asks for input. tty.c reads a terminal's keys. */
#include "base/ending.h"
#include "inspect/parts.h"
#include "console/stream.h"
#include "console/term.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

double host_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- the text for expect --------------------------------------------- */

static bool keep_heard(struct streams *st, char c)
{
    if (c == '\r')
        return false;
    if (st->nheard == HEARD_MAX) { /* forget the older half */
        memmove(st->heard, st->heard + HEARD_MAX / 2, HEARD_MAX / 2);
        st->nheard = HEARD_MAX / 2;
    }
    st->heard[st->nheard++] = c;
    st->nall++;
    return true;
}

static void hear(struct streams *st, char c)
{
    if (!keep_heard(st, c) || !st->expecting || st->matched)
        return;
    size_t n = strlen(st->expecting);
    if (n <= st->nheard &&
        !memcmp(st->heard + st->nheard - n, st->expecting, n)) {
        st->matched = true;
        if (st->machine)
            machine_ask_stop(st->machine);
    }
}

bool streams_expect(struct streams *st, const char *text)
{
    size_t n = strlen(text);
    for (size_t at = 0; at + n <= st->nheard; at++) {
        if (memcmp(st->heard + at, text, n))
            continue;
        st->nheard -= at + n;
        memmove(st->heard, st->heard + at + n, st->nheard);
        st->taken = st->nall - st->nheard;
        return true;
    }
    return false;
}

void streams_elsewhere(struct streams *st)
{
    u64 first = st->nall - st->nheard;
    size_t cut = st->taken > first ? (size_t)(st->taken - first) : 0;
    cut = cut < st->nheard ? cut : st->nheard;
    st->nheard -= cut;
    memmove(st->heard, st->heard + cut, st->nheard);
}

/* ---- out ------------------------------------------------------------- */

/* Notes a panic of our kernel by its first line. With --run and without -v only
 * this line of the console, and those after it, are shown. */
static void listen_for_panic(struct streams *st, u8 byte)
{
    if (st->panicked)
        st->panicked = inspect_cycle(st->machine);
    if (byte == '\r')
        return;
    if (byte != '\n') {
        if (st->nline < sizeof(st->line))
            st->line[st->nline++] = (char)byte;
        return;
    }
    if (st->nline >= 13 && !memcmp(st->line, "Kernel panic:", 13))
        st->panicked = inspect_cycle(st->machine);
    if (st->panicked && st->config->run && !st->config->verbose)
        fprintf(st->err, "%.*s\n", (int)st->nline, st->line);
    st->nline = 0;
}

/* Filters questions to the terminal out of the output. True: the byte is kept
 * back or dropped. The guest's shell asks where the cursor is (ESC [ 6 n). No
 * terminal gets the question, because its answer would come at no fixed cycle,
 * and two runs would differ; in a file or pipe the question is rubbish. The
 * shell works without an answer. A control sequence ends at its first byte from
 * 0x40 on (ECMA-48 5.4), which is n or c in a question. */
static bool question(struct streams *st, u8 byte)
{
    size_t n = st->nquestion;
    bool more = n == 0   ? byte == 033
                : n == 1 ? byte == '['
                         : byte >= 0x20 && byte < 0x40;
    if (more && n < sizeof st->question) {
        st->question[st->nquestion++] = (char)byte;
        return true;
    }
    st->nquestion = 0;
    if (n >= 2 && (byte == 'n' || byte == 'c'))
        return true;
    fwrite(st->question, 1, n, stdout);
    if (byte == 033) { /* the next sequence begins */
        st->question[st->nquestion++] = (char)byte;
        return true;
    }
    return false;
}

/* Drops a terminal's cursor reports (ESC [ row ; column R): answers to readline
 * or to a program that used the terminal before the monitor. F3 alone (ESC [ R
 * or ESC O R) has no two numbers; Shift-F3 (ESC [ 1 ; 2 R) is dropped, too. */
size_t streams_drop_answers(char *p, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n;) {
        size_t end = i + 2, semicolons = 0;
        if (p[i] == 033 && i + 1 < n && p[i + 1] == '[') {
            while (end < n &&
                   ((p[end] >= '0' && p[end] <= '9') || p[end] == ';'))
                semicolons += p[end++] == ';';
            if (end < n && p[end] == 'R' && semicolons == 1 && end > i + 4) {
                i = end + 1;
                continue;
            }
        }
        p[kept++] = p[i++];
    }
    return kept;
}

static void console_out(void *opaque, u8 byte)
{
    struct streams *st = opaque;
    term_put(st->term, byte);
    hear(st, (char)byte);
    listen_for_panic(st, byte);
    if (st->config->panel == PANEL_TERM)
        return; /* the panel has the terminal, and shows the console */
    if (st->console_fn) {
        st->console_fn(st->console_opaque, byte);
        return;
    }
    if (st->config->run) {
        if (st->config->verbose)
            putc_unlocked(byte, st->err);
        return;
    }
    if (st->muted || question(st, byte))
        return;
    putc_unlocked(byte, stdout);
    if (byte != '\r')
        st->line_open = byte != '\n';
}

/* With --run the panel's console shows what the program prints. */
static void show(struct streams *st, u8 byte)
{
    if (byte == '\n')
        term_put(st->term, '\r');
    term_put(st->term, byte);
}

static void pipe_out(void *opaque, u8 byte)
{
    struct streams *st = opaque;
    show(st, byte);
    hear(st, (char)byte);
    putc_unlocked(byte, st->out);
    st->line_open = byte != '\n';
}

static void pipe_err(void *opaque, u8 byte)
{
    struct streams *st = opaque;
    show(st, byte);
    putc_unlocked(byte, st->err);
}

static void repeated(void *opaque, bool pipe, u8 byte)
{
    struct streams *st = opaque;
    if (pipe)
        show(st, byte);
    else
        term_put(st->term, byte);
    keep_heard(st, (char)byte); /* expect looked at it when it was new */
}

void streams_past(void *streams, struct state *s)
{
    struct streams *st = streams;
    state_vals(s, *st->term, st->nall, st->nheard);
    state_check(s, st->nheard <= HEARD_MAX, "too much text for expect");
    if (!state_error(s))
        state_bytes(s, st->heard, st->nheard);
    state_vals(s, st->nline, st->line, st->panicked);
}

void streams_flush(struct streams *st)
{
    st->broken = !ending_flush();
}

void streams_free(struct streams *st)
{
    fwrite(st->question, 1, st->nquestion, stdout); /* an incomplete sequence */
    if (st->out != stdout) {
        fclose(st->out);
        fwrite(st->kept, 1, st->nkept, stdout);
    }
    free_all(st->kept, st->term, st);
}

/* ---- in -------------------------------------------------------------- */

int streams_read(struct streams *st)
{
    if (st->in_at == st->in_n && !st->in_ended) {
        ssize_t n;
        streams_flush(st);
        if (st->await_input && !st->await_input(st->await_opaque))
            return HOST_IN_LATER;
        if (!ending_await(STDIN_FILENO))
            return HOST_IN_LATER;
        do
            n = read(STDIN_FILENO, st->in, sizeof st->in);
        while (n < 0 && errno == EINTR && !ending_asked());
        if (n < 0 && errno == EINTR)
            return HOST_IN_LATER;
        st->in_at = 0;
        st->in_n = n > 0 ? (size_t)n : 0;
        st->in_ended = n <= 0;
    }
    return st->in_at < st->in_n ? st->in[st->in_at++] : -1;
}

static int host_in(void *opaque)
{
    return streams_read(opaque);
}

static bool readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

/* Reads the console's input if the panel is a window: a byte, or HOST_IN_LATER.
 * The user types in the window, so the machine neither waits for a silent pipe
 * nor tells the guest of its end. A last line without a newline gets one. */
static int window_in(void *opaque)
{
    struct streams *st = opaque;
    bool now = st->in_at < st->in_n || (!st->in_ended && readable(0));
    int c = now ? streams_read(st) : -1;
    if (c < 0 && st->in_ended && st->in_line)
        c = '\n';
    if (c >= 0) {
        st->wanted = false;
        st->in_line = c != '\n';
        return c;
    }
    st->wanted = true;
    return HOST_IN_LATER;
}

bool streams_owe(const struct streams *st)
{
    return st->wanted && !st->in_ended;
}

void streams_give(struct streams *st)
{
    char line[4096];
    size_t n = 0;
    int c = 0;
    while (n < sizeof line && c != '\n' && (c = window_in(st)) >= 0)
        line[n++] = (char)c;
    if (n)
        machine_input(st->machine, line, n);
}

/* True if standard input, a file or a pipe, is the console's input, because no
 * script, prompt, lesson or --run program reads it, and no panel has the
 * terminal. */
static bool console_reads_stdin(const struct streams *st)
{
    const struct config *c = st->config;
    return !st->tty && !c->nscripts && !c->monitor && !c->run && !c->lesson &&
           c->panel != PANEL_TERM;
}

/* Gives an empty input to a --run program that a loaded machine contains, while
 * something else reads standard input. */
static int no_input(UNUSED void *opaque)
{
    return -1;
}

struct host_io session_host_io(const struct config *c)
{
    struct streams *st = xcalloc(1, sizeof *st);
    st->config = c;
    st->started = host_now();
    st->tty = isatty(STDIN_FILENO) && c->panel != PANEL_TERM;
    st->out = stdout;
    st->err = stderr;
    if (c->panel == PANEL_TERM && isatty(STDIN_FILENO) &&
        isatty(STDOUT_FILENO)) {
        st->in_ended = true; /* keys and screen are the panel's */
        st->out = open_memstream(&st->kept, &st->nkept);
        if (!st->out)
            die("panel", "%s", strerror(errno));
        if (isatty(STDERR_FILENO))
            st->err = st->out;
    }
    st->term = xcalloc(1, sizeof *st->term);
    term_init(st->term);
    setvbuf(stdout, NULL, _IOFBF, 65536);
    setvbuf(stderr, NULL, _IOLBF, 4096);
    return (struct host_io){
        .opaque = st,
        .console_out = console_out,
        .pipe_out = pipe_out,
        .pipe_err = pipe_err,
        .repeated = repeated,
        .pipe_in = c->run || console_reads_stdin(st) ? host_in : no_input,
        .console_in = !console_reads_stdin(st)   ? NULL
                      : c->panel == PANEL_WINDOW ? window_in
                                                 : host_in};
}
