/* SPDX-License-Identifier: MIT */
/* info frames: how many there are of each state; or, with words, which ones:
 * `info frames dirty file`, `info frames pid 5 not referenced`. */
#include "monitor/session.h"

#include <ctype.h>
#include <stdlib.h>

#define SHOWN 20 /* rows, unless more are asked for */
#define WORDS 8

struct question {
    struct ins_condition is[WORDS];
    bool negated[WORDS];
    unsigned n;
    u64 pid, most;
    bool has_pid;
};

static void by_state(struct session *s, struct json *j)
{
    u64 count[FS_COUNT];
    u64 n = inspect_frames_by_state(s->m, count);
    json_open(j, NULL, '{');
    json_u64(j, "frames", n);
    for (unsigned i = 0; i < FS_COUNT; i++) {
        json_u64(j, ins_states[i].word, count[i]);
        if (!s->json)
            say(s, "%c %-14s %8llu %9llu KiB\n", ins_states[i].glyph,
                ins_states[i].word, (unsigned long long)count[i],
                (unsigned long long)count[i] * 4);
    }
    json_close(j, '}');
    if (!s->json && !inspect_told(s->m))
        say(s, "the kernel has opened no lens (yet): the owners of frames are "
               "not known\n");
    else if (!s->json)
        say(s,
            "  all            %8llu %9llu KiB\n"
            "Which ones: info frames dirty, file, anon, cow, pid N, locked, "
            "... (explain frames)\n",
            (unsigned long long)n, (unsigned long long)n * 4);
}

/* ---- the words ---------------------------------------------------------- */

void frames_words(void (*fn)(void *, const char *), void *opaque)
{
    for (unsigned i = 0; i < FS_COUNT; i++)
        fn(opaque, ins_states[i].word);
    for (unsigned i = 0; i < MARK_COUNT; i++)
        fn(opaque, ins_marks[i].word);
    fn(opaque, "pid");
    fn(opaque, "not");
    fn(opaque, "all");
}

static bool unknown(struct session *s, const char *word)
{
    struct word_nearest near = {.typed = word};
    frames_words(nearest_offer, &near);
    if (*near.best)
        fail(s, CMD_BAD, "info frames: %.40s: unknown; did you mean %s?", word,
             near.best);
    else
        fail(s, CMD_BAD,
             "info frames: %.40s: unknown; known are the states that info "
             "frames lists, dirty, clean, file, anon, cow, swap, shm, kernel, "
             "locked, io, active, inactive, referenced, mapped, shared, "
             "pinned, kept, pid N; not WORD; all or a number of rows",
             word);
    return false;
}

static bool take_pid(struct session *s, const char **args, u64 *pid)
{
    struct ins_proc p;
    if (!args_pid(s, args, pid))
        return false;
    if (!inspect_told(s->m) || inspect_proc(s->m, (u32)*pid, &p))
        return true;
    fail(s, CMD_BAD, "info frames: no process %llu (info ps)",
         (unsigned long long)*pid);
    return false;
}

static bool take_word(struct session *s, const char **args, struct question *q,
                      bool *negate)
{
    char word[32];
    args_more(args);
    if (isdigit((u8) * *args))
        return args_value(s, args, &q->most, "a number of rows");
    if (!args_word(s, args, word, sizeof word, "a word"))
        return false;
    size_t n = strlen(word);
    if (n && word[n - 1] == ',') /* a list, as one writes it */
        word[n - 1] = 0;
    if (!*word) /* a comma by itself */
        return true;
    if (word_same(word, "all"))
        q->most = ~0ull;
    else if (word_same(word, "and"))
        return true;
    else if (word_same(word, "not"))
        *negate = !*negate;
    else if (word_same(word, "pid"))
        return q->has_pid = take_pid(s, args, &q->pid);
    else if (q->n == WORDS)
        return fail(s, CMD_BAD, "info frames: %u words are enough", WORDS),
               false;
    else if (!inspect_condition(word, &q->is[q->n]) &&
             !inspect_native_condition(s->m, word, &q->is[q->n])) {
        bool named = !*negate && process_named(s, word, strlen(word), &q->pid);
        q->has_pid |= named;
        return named || word_same(word, "of") || unknown(s, word);
    } else {
        q->negated[q->n++] = *negate;
        *negate = false;
    }
    return true;
}

static bool answers(const struct question *q, const struct ins_row *r)
{
    if (r->state >= FS_COUNT || (q->has_pid && !r->of_pid))
        return false;
    for (unsigned i = 0; i < q->n; i++)
        if (inspect_row_is(r, &q->is[i]) == q->negated[i])
            return false;
    return true;
}

/* ---- the rows ----------------------------------------------------------- */

#define PATH_MOST 200 /* bytes of a path that are shown */

void page_of_file(struct session *s, u64 pfn, u8 state, u64 object, u64 index,
                  char *buf, size_t n)
{
    char path[PATH_MOST];
    if (inspect_path(s->paths, pfn, state, object, path, sizeof path))
        snprintf(buf, n, "page %llu of %s (inode %llu)",
                 (unsigned long long)index, path, (unsigned long long)object);
    else
        snprintf(buf, n, "page %llu of inode %llu", (unsigned long long)index,
                 (unsigned long long)object);
}

/* "page 3 of /x (inode 17); sh 0x8a5d000 + 2 more": what the frame holds. */
static void holds(struct session *s, const struct ins_row *r, char *buf,
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
                    r->pid, (unsigned long long)r->va);
        if (r->nptes > 1 && at < n)
            snprintf(buf + at, n - at, " + %u more", r->nptes - 1);
    } else if (!r->object && r->owner && inspect_proc(s->m, r->owner, &p)) {
        snprintf(buf, n, "for %s %u", p.name, r->owner);
    }
    if (r->native.known && !r->object && !r->nptes && r->native.kind) {
        at = strlen(buf);
        if (at && at + 2 < n)
            at = append(buf, n, at, "; ");
        inspect_native_words(s->m, r->pfn, &r->native, buf + at, n - at);
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

static void row_json(struct session *s, struct json *j, const struct ins_row *r)
{
    char path[PATH_MOST];
    json_open(j, NULL, '{');
    json_u64(j, "pfn", r->pfn);
    json_str(j, "state", inspect_state_word(r->state));
    marks_json(j, r);
    json_u64(j, "owner", r->owner);
    json_s64(j, "refs", r->refs);
    json_u64(j, "pins", r->pins);
    json_u64(j, "object", r->object);
    json_u64(j, "index", r->index);
    native_json(s, j, r->pfn, &r->native);
    if (inspect_path(s->paths, r->pfn, r->state, r->object, path, sizeof path))
        json_str(j, "path", path);
    if (r->nptes) {
        json_u64(j, "pid", r->pid);
        json_hex(j, "va", r->va);
    }
    json_close(j, '}');
}

static void row_text(struct session *s, const struct ins_row *r)
{
    char marks[120], what[360];
    inspect_row_marks(r, marks, sizeof marks);
    holds(s, r, what, sizeof what);
    say(s, "%7u  %-14s %-26s %s\n", r->pfn, inspect_state_word(r->state),
        *marks ? marks : "-", what);
}

/* Of the frames of a process, some are not in its RSS. */
static void of_process(struct session *s, const struct question *q)
{
    struct ins_proc p;
    if (q->has_pid && !q->n && inspect_proc(s->m, (u32)q->pid, &p))
        say(s,
            "%s %u maps %llu of them (its RSS in ps); the others were taken "
            "for it: page tables, pages in the swap or page cache\n",
            p.name, p.pid, (unsigned long long)p.rss);
}

static void footer(struct session *s, const struct question *q,
                   const struct ins_rows *rows, u64 found, u64 most)
{
    if (q->most && q->most != ~0ull && found > most)
        say(s,
            "the first %llu of %llu such frames, of %llu in all; page %llu "
            "tells of frame %llu\n",
            (unsigned long long)most, (unsigned long long)found,
            (unsigned long long)rows->n, (unsigned long long)most,
            (unsigned long long)most);
    else
        say(s,
            "%llu of %llu frames%s; page PFN tells all of one, why PFN how "
            "it came about\n",
            (unsigned long long)found, (unsigned long long)rows->n,
            found > most ? "; add `all` to see the rest" : "");
    of_process(s, q);
}

static enum command_status list(struct session *s, const struct question *q)
{
    struct json j = {0};
    struct ins_rows rows;
    u64 found = 0, most = q->most ? q->most : s->json ? ~0ull : SHOWN;
    if (!inspect_rows(s->m, (u32)q->pid, &rows))
        return no_lens(s, "info frames");
    json_open(&j, NULL, '{');
    json_open(&j, "list", '[');
    if (!s->json)
        say(s, "  frame  state          marks                      holds\n");
    for (u64 i = 0; i < rows.n; i++) {
        if (!answers(q, &rows.row[i]) || found++ >= most)
            continue;
        row_json(s, &j, &rows.row[i]);
        if (!s->json)
            row_text(s, &rows.row[i]);
    }
    json_close(&j, ']');
    json_u64(&j, "matched", found);
    json_close(&j, '}');
    if (!s->json)
        footer(s, q, &rows, found, most);
    inspect_rows_free(&rows);
    return finish_json(s, &j);
}

/* info frame 30 is one frame; info frame dirty is info frames dirty. */
enum command_status info_frame(struct session *s, const char *args)
{
    return args_more(&args) && isdigit((u8)*args) ? cmd_page(s, args)
                                                  : info_frames(s, args);
}

/* "dirty && !mapped && pid == 7" as words: "dirty not mapped pid 7". False:
 * something else than these joins them. */
static bool words_of(const char *where, char *words, size_t n)
{
    size_t at = 0;
    for (const char *p = where; *p; p++) {
        const char *put = NULL;
        if (!strncmp(p, "&&", 2) || !strncmp(p, "==", 2)) {
            put = " ";
            p++;
        } else if (*p == '!' && p[1] != '=') {
            put = " not ";
        } else if (strchr("&=|!<>()", *p)) {
            return false;
        }
        at += put ? (size_t)snprintf(words + at, n - at, "%s", put)
                  : (size_t)snprintf(words + at, n - at, "%c", *p);
        if (at >= n)
            return false;
    }
    words[at] = 0;
    return true;
}

enum command_status info_frames(struct session *s, const char *args)
{
    struct json j = {0};
    struct question q = {.n = 0};
    bool negate = false;
    char words[256];
    if (args_more(&args) && !strncmp(args, "where ", 6)) {
        if (!words_of(args + 6, words, sizeof words))
            return fail(s, CMD_BAD,
                        "info frames where: words joined by &&, like dirty && "
                        "!mapped && pid == 7");
        args = words;
    }
    if (!args_more(&args)) {
        by_state(s, &j);
        return finish_json(s, &j);
    }
    while (args_more(&args))
        if (!take_word(s, &args, &q, &negate))
            return CMD_BAD;
    if (negate)
        return fail(s, CMD_BAD, "info frames: not: a word is missing");
    return list(s, &q);
}
