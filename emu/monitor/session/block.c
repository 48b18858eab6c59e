/* SPDX-License-Identifier: MIT */
/* Runs blocks of a file: `repeat N ... end`, `while EXPR ... end` and `if EXPR
 * ... else ... end`, nested to any depth. All lines of a block are read before
 * the first is executed. Messages name the line in which an error is. */
#include "base/ending.h"
#include "monitor/session/sources.h"

#include <ctype.h>
#include <stdlib.h>

struct line {
    char *text;
    unsigned number;
};
struct block {
    struct line *lines;
    unsigned n;
};

/* Returns the index of the block's `end`; *middle is that of its `else`, or of
 * the `end` if it has none. */
static unsigned find_end(const struct block *b, unsigned at, unsigned *middle)
{
    unsigned i = at + 1, depth = 1;
    for (*middle = 0;; i++) {
        int more = block_depth(b->lines[i].text);
        if (depth == 1 && !*middle && args_begin_with(b->lines[i].text, "else"))
            *middle = i;
        if (!(depth += (unsigned)more))
            break;
    }
    if (!*middle || !args_begin_with(b->lines[at].text, "if"))
        *middle = i;
    return i;
}

/* Sets a->to->line and a->verb to those of l; returns the verb's arguments. */
static const char *take_verb(struct answer *a, const struct line *l)
{
    char err[200];
    const char *args = l->text;
    size_t n = 0;
    args_more(&args);
    while (args[n] && !isspace((u8)args[n]))
        n++;
    a->to->line = l->number;
    a->verb = command_find(args, n, err, sizeof err);
    return args + n;
}

/* Evaluates the expression after the line's verb. Prints a message if it
 * cannot. */
static bool condition_of(struct answer *a, const struct line *l, u64 *value)
{
    const char *args = take_verb(a, l);
    bool counts = args_begin_with(l->text, "repeat");
    return (counts ? args_amount(a, &args, value, "a count")
                   : args_value(a, &args, value, "a value")) &&
           args_end(a, args);
}

static bool is_over(const struct session *s)
{
    return s->ended || s->quit || ending_asked();
}

static enum command_status execute_lines(struct answer *a,
                                         const struct block *b, unsigned from,
                                         unsigned to);

static enum command_status execute_block(struct answer *a,
                                         const struct block *b, unsigned at,
                                         unsigned middle, unsigned end)
{
    const struct line *l = &b->lines[at];
    enum command_status st = CMD_OK;
    u64 value;
    if (!condition_of(a, l, &value))
        return CMD_BAD;
    if (args_begin_with(l->text, "if"))
        return value ? execute_lines(a, b, at + 1, middle)
                     : execute_lines(a, b, middle + 1, end);
    bool again = args_begin_with(l->text, "while");
    while (st == CMD_OK && value && !is_over(a->s)) {
        st = execute_lines(a, b, at + 1, end);
        if (!again)
            value--;
        else if (st == CMD_OK && !condition_of(a, l, &value))
            st = CMD_BAD;
    }
    return st;
}

static enum command_status execute_lines(struct answer *a,
                                         const struct block *b, unsigned from,
                                         unsigned to)
{
    enum command_status st = CMD_OK;
    for (unsigned i = from; st == CMD_OK && i < to && !is_over(a->s); i++) {
        const struct line *l = &b->lines[i];
        unsigned middle, end;
        a->to->line = l->number;
        if (block_depth(l->text) > 0) {
            end = find_end(b, i, &middle);
            st = execute_block(a, b, i, middle, end);
            i = end;
        } else {
            st = session_execute(a->s, a->to, l->text);
        }
    }
    return st;
}

struct block *block_new(void)
{
    return xcalloc(1, sizeof(struct block));
}

bool block_add(struct answer *a, struct block *b, const char *text)
{
    bool alone = args_begin_with(text, "else") || args_begin_with(text, "end");
    b->lines = xrealloc(b->lines, (b->n + 1) * sizeof *b->lines);
    b->lines[b->n++] = (struct line){xstrdup(text), a->to->line};
    return !alone || args_end(a, take_verb(a, &b->lines[b->n - 1]));
}

enum command_status block_execute(struct answer *a, const struct block *b)
{
    unsigned line = a->to->line;
    enum command_status st = execute_lines(a, b, 0, b->n);
    a->to->line = st == CMD_OK ? line : a->to->line;
    return st;
}

void block_free(struct block *b)
{
    for (unsigned i = 0; i < b->n; i++)
        free(b->lines[i].text);
    free(b->lines);
    free(b);
}
