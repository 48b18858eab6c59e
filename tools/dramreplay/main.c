/* SPDX-License-Identifier: MIT */
/* dramreplay: runs an address trace through the DRAM model of emu/time alone.
 *
 *   dramreplay --part NAME|list [--mode MODE:GAP] FILE
 *
 * FILE has lines `R|W HEXADDR`; a line that begins with # is a comment. The
 * mode says when the next access is presented (default serial:0):
 *
 *   serial  GAP clocks after a read returned, one after a write was accepted
 *   paced   GAP clocks after either, but at least one after a write
 *
 * Prints one JSON object. Clocks are the DRAM's. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/program.h"
#include "base/text.h"
#include "base/whole.h"
#include "time/dram/dram.h"

struct replay {
    const struct dram_part *part;
    struct dram_stats stats;
    FILE *file;
    const char *name;
    u64 line; /* of the trace, for messages */
    u64 last; /* clock at which the last access finished */
    u64 accesses;
    char *at, *end; /* the part of text not parsed yet; *end is a '\n' that is
                     * not from the file */
    char text[(1 << 16) + 1];
};

/* Parses "R 0x1f40" up to the line's end; false if the line has another form.
 * *at moves to where parsing stopped. Written for speed, since a trace has
 * millions of lines: no branch depends on R or W, which the host could not
 * predict on a random trace. */
static bool parse_access(char **at, bool *write, u64 *pa)
{
    char *p = *at;
    u64 value = 0;
    u32 digit;
    bool ok = (*p == 'R') | (*p == 'W');

    *write = *p == 'W';
    p += ok;
    ok &= (*p == ' ') | (*p == '\t');
    p = text_skip_blanks(p);
    if (p[0] == '0' && (p[1] | 32) == 'x')
        p += 2;
    ok &= text_digit[(u8)*p] != 0;
    for (; (digit = text_digit[(u8)*p]); p++) {
        ok &= !(value >> 60); /* too long for 64 bits */
        value = value << 4 | (digit - 1);
    }
    *at = p = text_skip_blanks(p);
    *pa = value;
    return ok & (*p == '\n');
}

/* Moves the part of text not parsed yet to the front and reads more of the file
 * after it; false at the file's end. */
static bool refill(struct replay *r)
{
    size_t rest = (size_t)(r->end - r->at), room = sizeof(r->text) - 1 - rest;

    if (!room)
        die(r->name, "line %llu: too long", r->line + 1);
    memmove(r->text, r->at, rest);
    size_t n = fread(r->text + rest, 1, room, r->file);
    if (ferror(r->file))
        die(r->name, "%s", strerror(errno));
    r->at = r->text;
    r->end = r->text + rest + n;
    *r->end = '\n';
    return n;
}

static bool next_access(struct replay *r, bool *write, u64 *pa)
{
    for (;;) {
        char *p = text_skip_blanks(r->at);
        bool empty = *p == '#' || *p == '\n', ok = true;

        if (empty)
            p = rawmemchr(p, '\n');
        else
            ok = parse_access(&p, write, pa);
        if (p == r->end) {
            if (refill(r))
                continue; /* the line was cut short */
            if (r->at == r->end)
                return false;
            p = r->end - 1; /* the last line has no '\n' */
        }
        r->line++;
        if (!ok)
            die(r->name, "line %llu: not `R|W HEXADDR`", r->line);
        r->at = p + 1;
        if (empty)
            continue;
        r->accesses++;
        return true;
    }
}

static void finished(struct replay *r, u64 clock)
{
    if (clock > r->last)
        r->last = clock;
}

static void replay_serial(struct replay *r, u64 gap, u64 after_write)
{
    struct dram *d = dram_new(r->part);
    u64 now = 0, pa;
    enum served where;
    bool write;

    while (next_access(r, &write, &pa)) {
        if (write) {
            now = dram_write(d, pa, now);
            finished(r, now + 1);
            now += after_write;
        } else {
            u64 done = dram_read(d, pa, now, &where);
            finished(r, done);
            now = done + gap;
        }
    }
    r->stats = dram_stats(d);
    dram_free(d);
}

static void print(const struct replay *r)
{
    struct dram_stats s = r->stats;
    double clocks = (double)r->last;
    double seconds = clocks / (r->part->mhz * 1e6);
    u64 rows = s.row_hits + s.row_closed + s.row_conflicts;

    printf("{\"accesses\": %llu, \"reads\": %llu"
           ", \"writes\": %llu, \"mean_latency_clocks\": %.4f, "
           "\"row_hit_rate\": %.5f, \"gbps\": %.4f, \"refreshes\": %llu"
           ", \"clocks\": %.0f}\n",
           r->accesses, s.reads, s.writes,
           s.reads ? (double)s.read_latency_clocks / (double)s.reads : 0,
           rows ? (double)s.row_hits / (double)rows : 0,
           seconds > 0 ? (double)r->accesses * LINE_BYTES / seconds / 1e9 : 0,
           s.refreshes, clocks);
}

static const char *const modes[] = {"serial:", "paced:"};
enum mode { SERIAL, PACED, MODES };

/* Parses "serial:5" into mode and gap; false if it is malformed. */
static bool parse_mode(const char *text, enum mode *mode, u64 *gap)
{
    const char *colon = strchr(text, ':');
    char *end;

    if (!colon || colon[1] < '0' || colon[1] > '9')
        return false;
    errno = 0;
    *gap = strtoull(colon + 1, &end, 10);
    if (*end || errno || *gap > 1ull << 32)
        return false;
    for (*mode = 0; *mode < MODES; (*mode)++)
        if (!strncmp(text, modes[*mode], strlen(modes[*mode])))
            return true;
    return false;
}

static const char usage[] =
    "usage: dramreplay --part NAME|list [--mode MODE:GAP] FILE\n"
    "Lines of FILE (- is standard input): R|W HEXADDR. MODE says when the "
    "next\n"
    "access is presented (default serial:0):\n"
    "  serial:GAP  GAP clocks after a read returned, one after a write was\n"
    "              accepted\n"
    "  paced:GAP   GAP clocks after either, but at least one after a write\n"
    "Prints JSON: accesses, reads, writes, mean_latency_clocks (of reads),\n"
    "row_hit_rate, gbps, refreshes, clocks.\n";

/* Returns the value of `--name VALUE` or `--name=VALUE`; NULL: another word. */
static const char *option(int argc, char **argv, int *i, const char *name)
{
    size_t n = strlen(name);

    if (strncmp(argv[*i], name, n))
        return NULL;
    if (argv[*i][n] == '=')
        return argv[*i] + n + 1;
    if (argv[*i][n])
        return NULL;
    if (*i + 1 == argc)
        die(name, "wants a value");
    return argv[++*i];
}

int main(int argc, char **argv)
{
    const char *part = NULL, *mode = "serial:0", *file = "", *v;
    struct replay r = {0};
    enum mode how;
    u64 gap;

    program_name = "dramreplay";
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help")) {
            fputs(usage, stdout);
            return stdout_written(0);
        }
        if ((v = option(argc, argv, &i, "--part")))
            part = v;
        else if ((v = option(argc, argv, &i, "--mode")))
            mode = v;
        else if (argv[i][0] == '-' && argv[i][1])
            die(argv[i], "unknown option");
        else if (*file)
            die(argv[i], "one trace at a time");
        else
            file = argv[i];
    }
    if (part && !strcmp(part, "list")) {
        dram_part_list();
        return stdout_written(0);
    }
    if (!part)
        die("--part", "missing; try --part list");
    r.part = dram_part_find(part);
    if (!r.part)
        die(part, "no such DRAM part; try --part list");
    if (!parse_mode(mode, &how, &gap))
        die(mode, "not serial:GAP or paced:GAP");
    if (!*file)
        die("trace", "missing; - is standard input");
    r.name = file;
    r.file = strcmp(file, "-") ? fopen(file, "r") : stdin;
    if (!r.file)
        die(file, "%s", strerror(errno));
    r.at = r.end = r.text;
    *r.end = '\n';
    replay_serial(&r, gap, how == PACED && gap ? gap : 1);
    print(&r);
    if (fclose(r.file))
        die(file, "%s", strerror(errno));
    return stdout_written(0);
}
