/* SPDX-License-Identifier: MIT */
/* info frames counts the frames in each state. With words it lists the frames
 * to which all the words apply: `info frames dirty file`, `info frames pid 5
 * not referenced`. */
#include "inspect/frames.h"
#include "inspect/kernel.h"
#include "inspect/process.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

#include <ctype.h>
#include <stdlib.h>

#define SHOWN 20 /* rows, unless more are asked for */

static void by_state(struct answer *a, struct json *j)
{
    u64 count[FS_COUNT];
    u64 n = inspect_frames_by_state(a->s->m, count);
    json_add(j, "{frames:%llu", n);
    for (unsigned i = 0; i < FS_COUNT; i++) {
        json_u64(j, ins_states[i].word, count[i]);
        say(a, "%c %-14s %8llu %9llu KiB\n", ins_states[i].glyph,
            ins_states[i].word, count[i], count[i] * 4);
    }
    json_close(j, '}');
    if (!inspect_tables_known(a->s->m))
        say(a, "the kernel has opened no lens (yet): the owners of frames are "
               "not known\n");
    else
        say(a,
            "  all            %8llu %9llu KiB\n"
            "Which ones: info frames dirty, file, anon, cow, pid N, locked, "
            "... (explain frames)\n",
            n, n * 4);
}

/* ---- the words ------------------------------------------------------- */

struct question {
    char words[256]; /* for inspect_light */
    u64 most;        /* rows; 0: SHOWN, or all in JSON */
};

static bool is_of(const char *word, const char *const *of, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (word_same(word, of[i]))
            return true;
    return false;
}

/* Takes a word. `all` or a number says how many rows are shown; other words are
 * conditions on frames. The process after `pid` may be an expression. */
static bool take_question(struct answer *a, const char **args,
                          struct question *q)
{
    static const char *const numbered[] = {"inode", "va", "slot", "bank",
                                           "row"};
    static const char *const owners[] = {"pid", "process"};
    char word[64];
    u64 pid;
    size_t at = strlen(q->words), n = strcspn(*args, " \t,");
    snprintf(word, sizeof word, "%.*s", (int)n, *args);
    if (isdigit((u8)*word) && q->most && q->most != ~0ull)
        return fail(a, CMD_BAD, "info frames: %s: one number of rows is enough",
                    word),
               false;
    if (isdigit((u8)*word))
        return args_value(a, args, &q->most, "a number of rows");
    *args += n;
    if (word_same(word, "all"))
        q->most = q->most ? q->most : ~0ull;
    else if (is_of(word, owners, ARRAY_LEN(owners))) {
        char one[64];
        const char *p = one;
        *args += strspn(*args, " \t=");
        n = strcspn(*args, " \t,&");
        snprintf(one, sizeof one, "%.*s", (int)n, *args);
        *args += n;
        if (!args_pid(a, &p, &pid))
            return false;
        append(q->words, sizeof q->words, at, " pid %llu", pid);
    } else {
        at = append(q->words, sizeof q->words, at, " %s", word);
        if (is_of(word, numbered, ARRAY_LEN(numbered))) {
            *args += strspn(*args, " \t=");
            n = isdigit((u8) * *args) ? strcspn(*args, " \t,") : 0;
            append(q->words, sizeof q->words, at, " %.*s", (int)n, *args);
            *args += n;
        }
    }
    if (strlen(q->words) + 1 < sizeof q->words)
        return true;
    fail(a, CMD_BAD, "info frames: the question is too long");
    return false;
}

/* ---- the rows -------------------------------------------------------- */

#define PATH_MOST 200 /* bytes of a path that are shown */

void page_of_file(struct session *s, u64 pfn, u8 state, u64 object, u64 index,
                  char *buf, size_t n)
{
    char path[PATH_MOST];
    if (inspect_path(s->paths, pfn, state, object, path, sizeof path))
        snprintf(buf, n, "page %llu of %s (inode %llu)", index, path, object);
    else if (state == FS_SHMEM && object >> 32) /* above all inode numbers */
        snprintf(buf, n, "page %llu of shared memory", index);
    else
        snprintf(buf, n, "page %llu of inode %llu", index, object);
}

/* Writes what a frame holds: "page 3 of inode 17; sh 5 at 0x8000 + 2 more". */
static void what_it_holds(struct session *s, const struct ins_row *r, char *buf,
                          size_t n)
{
    struct ins_proc p;
    char name[17] = "?";
    size_t at = 0;
    *buf = 0;
    if (r->object) {
        page_of_file(s, r->pfn, r->state, r->object, r->index, buf, n);
        at = strlen(buf);
    }
    if (r->nptes) {
        if (r->pid && inspect_proc(s->m, r->pid, &p))
            snprintf(name, sizeof name, "%s", p.name);
        at = append(buf, n, at, "%s%s %u at 0x%llx", at ? "; " : "", name,
                    r->pid, r->va);
        if (r->nptes > 1 && at < n)
            snprintf(buf + at, n - at, " + %u more", r->nptes - 1);
    } else if (!r->object && r->owner && inspect_proc(s->m, r->owner, &p)) {
        snprintf(buf, n, "for %s %u", p.name, r->owner);
    }
    if (r->unmodified.known && !r->object && !r->nptes && r->unmodified.kind) {
        at = strlen(buf);
        if (at && at + 2 < n)
            at = append(buf, n, at, "; ");
        inspect_unmodified_words(s->m, r->pfn, &r->unmodified, buf + at,
                                 n - at);
    }
}

void marks_json(struct json *j, const struct ins_row *r)
{
    json_open(j, "marks", '[');
    for (unsigned i = 0; i < MARK_COUNT; i++)
        if (r->marks >> i & 1)
            json_str(j, NULL, ins_marks[i].word);
    json_close(j, ']');
}

static void frame_json(struct session *s, struct json *j,
                       const struct ins_row *r)
{
    char path[PATH_MOST];
    json_add(j, "{pfn:%u state:%s", r->pfn, inspect_state_word(r->state));
    marks_json(j, r);
    json_add(j, "owner:%u refs:%d pins:%u object:%llu index:%llu", r->owner,
             r->refs, r->pins, r->object, r->index);
    unmodified_json(s, j, r->pfn, &r->unmodified);
    if (inspect_path(s->paths, r->pfn, r->state, r->object, path, sizeof path))
        json_str(j, "path", path);
    if (r->nptes)
        json_add(j, "pid:%u va:%#llx", r->pid, r->va);
    json_close(j, '}');
}

static void frame_text(struct answer *a, const struct ins_row *r)
{
    char marks[120], what[360];
    inspect_row_marks(r, marks, sizeof marks);
    what_it_holds(a->s, r, what, sizeof what);
    say(a, "%7u  %-14s %-26s %s\n", r->pfn, inspect_state_word(r->state),
        *marks ? marks : "-", what);
}

/* Says why the number of a process's frames is not its RSS. */
static void of_process(struct answer *a, const struct ins_rows *rows,
                       const struct ins_lit *lit)
{
    struct ins_proc p;
    if (lit->alone && inspect_proc(a->s->m, lit->pid, &p))
        say(a,
            "%s %u maps %llu of them by %llu PTEs (its RSS in ps); the others "
            "are the zero frame, which RSS leaves out, or frames taken for the "
            "process: page tables, pages in the swap or page cache\n",
            p.name, p.pid, rows->mapped, rows->rss);
}

static void footer(struct answer *a, const struct question *q,
                   const struct ins_rows *rows, const struct ins_lit *lit,
                   u64 most)
{
    u64 found = lit->n;
    if (q->most && q->most != ~0ull && found > most)
        say(a,
            "the first %llu of %llu such frames, of %llu in all; page %llu "
            "tells of frame %llu\n",
            most, found, rows->n, most, most);
    else
        say(a,
            "%llu of %llu frames%s; page PFN: all facts of a frame; why PFN: "
            "its events\n",
            found, rows->n, found > most ? "; add `all` to see the rest" : "");
    of_process(a, rows, lit);
}

static enum command_status list_frames(struct answer *a,
                                       const struct question *q,
                                       const struct ins_lit *lit)
{
    struct ins_rows rows;
    u64 shown = 0, most = q->most ? q->most : a->json ? ~0ull : SHOWN;
    if (!inspect_rows(a->s->m, lit->of_pid ? lit->pid : 0, &rows))
        return no_lens(a, "info frames");
    json_add(&a->j, "{list:[");
    say(a, "  frame  state          marks                      holds\n");
    for (u64 i = 0; i < rows.n && shown < most; i++) {
        if (!lit->frame[i])
            continue;
        shown++;
        frame_json(a->s, &a->j, &rows.row[i]);
        frame_text(a, &rows.row[i]);
    }
    json_add(&a->j, "] matched:%llu", lit->n);
    if (lit->alone)
        json_u64(&a->j, "rss_frames", rows.rss);
    json_close(&a->j, '}');
    footer(a, q, &rows, lit, most);
    inspect_rows_free(&rows);
    return finish_json(a);
}

/* `info frame 30` is `page 30`; `info frame dirty` is `info frames dirty`. */
enum command_status info_frame(struct answer *a, const char *args)
{
    return args_more(&args) && isdigit((u8)*args) ? cmd_page(a, args)
                                                  : info_frames(a, args);
}

/* Takes the same words as the panel's key `/`. */
enum command_status info_frames(struct answer *a, const char *args)
{
    struct question q = {.words = ""};
    struct ins_lit lit;
    char err[96];
    if (!args_more(&args)) {
        by_state(a, &a->j);
        return finish_json(a);
    }
    while (args_more(&args)) {
        if (*args == ',') /* between the words of a list */
            args++;
        else if (!take_question(a, &args, &q))
            return CMD_BAD;
    }
    if (!inspect_tables_known(a->s->m))
        return no_lens(a, "info frames");
    const char *words = *q.words ? q.words : "all";
    if (!inspect_light(a->s->m, words, &lit, err, sizeof err))
        return fail(a, CMD_BAD, "info frames: %s", err);
    enum command_status st = list_frames(a, &q, &lit);
    free(lit.frame);
    return st;
}
