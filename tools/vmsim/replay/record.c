/* SPDX-License-Identifier: MIT */
/* Walks through the record. Calls on one kernel stack are nested; calls on
 * different stacks are interleaved, since any of them may sleep. So each stack
 * is a coroutine here (makecontext, POSIX.1-2001): if the next record belongs
 * to another stack, replay_file() resumes that stack's coroutine. */
#include "tools/vmsim/replay/parts.h"
#include "tools/vmsim/seam.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#define STACK_BYTES (256u << 10)

struct task {
    ucontext_t here;
    uint32_t stack;
    bool busy;
    unsigned depth;                          /* of nested calls to the policy */
    const struct refs_record *without_calls; /* see record_without_calls() */
    char memory[STACK_BYTES];
};

const struct policy_ops *replayed;
uint32_t nframes;
struct tally tally;

static const char *path, *other;
static struct refs_file *file;
/* The records that are read but not yet taken: the next one and, if the policy
 * asks in another order than recorded, later questions. */
#define AHEAD 8
static struct refs_record queue[AHEAD];
static unsigned nqueued;
static struct task **tasks, *running;
static uint32_t ntasks;
static ucontext_t scheduler;

/* ---- the file ---- */

void record_bad(const char *why)
{
    fprintf(stderr, "vmsim: %s: %s\n", path, why);
    exit(2);
}

static _Noreturn void finish(void)
{
    if (!replayed)
        record_bad("no calls across vm/policy.h: not Clockhand's kernel, or "
                   "it did not start in that run");
    printf("%s: all alike: %" PRIu64 " calls to the policy, %" PRIu64
           " calls it made to the kernel, %" PRIu64
           " victims (digest %016" PRIx64 ")\n",
           replayed->name, tally.calls_to_policy, tally.calls_to_kernel,
           tally.victims, tally.hash);
    exit(stdout_written(0));
}

/* Finds the policy of a text "policy NAME", or `other`, the caller's choice. */
static void read_text(const char *text)
{
    if (strncmp(text, "policy ", 7))
        return;
    replayed = sim_policy(other ? other : text + 7);
    if (!replayed)
        record_bad("this program does not have the policy");
}

void list_change(enum refs_list to, unsigned list, uint32_t frame)
{
    if (frame >= nframes || list > POLICY_LISTS)
        record_bad("no such frame or list, or the file does not begin "
                   "with the kernel's start");
    framelist_remove(&policy_lists, frame);
    if (to == REFS_HEAD)
        framelist_add_head(&policy_lists, list, frame);
    else if (to == REFS_TAIL)
        framelist_add_tail(&policy_lists, list, frame);
}

/* Reads one more call into the queue; false: the file has ended. */
static bool read_more(void)
{
    struct refs_record *r = &queue[nqueued];
    do {
        int got = refs_next(file, r);
        if (got < 0)
            record_bad(refs_why(file));
        if (!got)
            return false;
        if (r->type == REFS_LIST && !differs)
            list_change(r->to, r->list, r->frame);
        else if (r->type == REFS_TEXT)
            read_text(r->text);
    } while (r->type != REFS_SEAM);
    nqueued++;
    return true;
}

const struct refs_record *record_scan(void)
{
    return nqueued || read_more() ? &queue[0] : NULL;
}

void record_taken(const struct refs_record *r)
{
    unsigned i = (unsigned)(r - queue);
    nqueued--;
    memmove(&queue[i], &queue[i + 1], (nqueued - i) * sizeof *queue);
}

/* True for a call that asks for a fact and changes nothing. */
static bool is_question(enum seam_row row)
{
    switch (row) {
    case SEAM_kind:
    case SEAM_used:
    case SEAM_dirty ... SEAM_neighbour:
    case SEAM_sent:
    case SEAM_swamped ... SEAM_laundry:
    case SEAM_much_dirty ... SEAM_write_room:
    case SEAM_swap_free ... SEAM_space_frame:
    case SEAM_zone_of ... SEAM_load:
    case SEAM_tunable:
    case SEAM_waiters ... SEAM_is_daemon:
        return true;
    default:
        return false;
    }
}

static bool is_call(const struct refs_record *r, enum seam_row row,
                    const uint64_t *words)
{
    return r->part != REFS_LEAVE && r->row == row &&
           !memcmp(r->value, words, r->entered * sizeof *words);
}

const struct refs_record *record_find(enum seam_row row, const uint64_t *words)
{
    const struct refs_record *r = record_next();
    for (unsigned i = 0;; r = &queue[++i]) {
        if (is_call(r, row, words))
            return r;
        if (!is_question(row) || r->part != REFS_WHOLE ||
            !is_question(r->row) || i == AHEAD - 1 ||
            (i + 1 == nqueued && !read_more()) ||
            queue[i + 1].stack != r->stack)
            return NULL;
    }
}

static const struct refs_record *peek(void)
{
    const struct refs_record *r = record_scan();
    if (!r)
        finish(); /* even within a call: the machine was switched off then */
    return r;
}

/* ---- a call to the policy ---- */

static void run_op(void)
{
    struct refs_record r = queue[0];
    const char *text = refs_rows[r.row].text;
    const struct refs_record *leave = &r, *outer = running->without_calls;
    uint64_t words[SEAM_WORDS];
    record_taken(&queue[0]);
    if (++running->depth > 16)
        record_bad("calls nested too deep");
    running->without_calls = r.part == REFS_WHOLE ? &r : NULL;
    op_call(&r, words);
    running->without_calls = outer;
    if (differs)
        differ_end();
    if (r.part == REFS_ENTER)
        leave = record_next();
    if (leave->row != r.row || (leave != &r && leave->part != REFS_LEAVE) ||
        memcmp(leave->value + leave->entered, words,
               refs_words(text, REFS_LEAVE) * sizeof *words))
        differ(leave, r.row, words, true);
    if (leave != &r)
        record_taken(leave);
    running->depth--;
    tally.calls_to_policy++;
    victim_note(r.row, words, true);
}

const struct refs_record *record_next(void)
{
    for (;;) {
        const struct refs_record *r = peek();
        if (r->stack != running->stack)
            swapcontext(&running->here, &scheduler);
        else if (refs_rows[r->row].op && r->part != REFS_LEAVE)
            run_op();
        else
            return r;
    }
}

const struct refs_record *record_without_calls(void)
{
    return running->without_calls;
}

/* ---- stacks ---- */

static void task_main(void)
{
    run_op();
    running->busy = false;
}

/* Starts a coroutine. Not inlined, because getcontext() may return twice. */
static __attribute__((noinline)) void task_begin(struct task *t)
{
    getcontext(&t->here);
    t->here.uc_stack.ss_sp = t->memory;
    t->here.uc_stack.ss_size = sizeof t->memory;
    t->here.uc_link = &scheduler;
    makecontext(&t->here, task_main, 0);
    t->busy = true;
}

static struct task *task_of(uint32_t stack)
{
    for (uint32_t i = 0; i < ntasks; i++)
        if (tasks[i]->stack == stack)
            return tasks[i];
    struct task **more = realloc(tasks, (ntasks + 1) * sizeof *tasks);
    struct task *t = calloc(1, sizeof *t);
    if (!more || !t)
        abort();
    tasks = more;
    t->stack = stack;
    return tasks[ntasks++] = t;
}

int replay_file(const char *name, uint64_t victims, const char *as)
{
    char why[200];
    other = as && !strncmp(as, "guest:", 6) ? as + 6 : as;
    path = name;
    tally = (struct tally){.shown = victims, .hash = 0xcbf29ce484222325ull};
    file = refs_open(path, why, sizeof why);
    if (!file)
        record_bad(why);
    for (;;) {
        const struct refs_record *r = peek();
        struct task *t = task_of(r->stack);
        if (!t->busy) {
            if (!refs_rows[r->row].op || r->part == REFS_LEAVE)
                record_bad("it does not begin with the kernel's start");
            task_begin(t);
        }
        running = t;
        swapcontext(&scheduler, &t->here);
    }
}
