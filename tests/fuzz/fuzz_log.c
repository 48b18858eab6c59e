/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time engine dev boot history machine linux xv6
// max_len: 120
/* Replays damaged input logs. Each must be refused, or replayed until it ends
 * or the machine departs from it. The input is a list of damages to one good
 * log. A damage has six bytes: kind, place (2 bytes), value, entry (2 bytes).
 * The checksum is made to match. After a replay the machine also goes back in
 * time. */
#include "small_machine.h"
#include "history/past.h"
#include "machine/parts.h"

#include <stdlib.h>
#include <xxhash.h>

#define PAST_BYTES (8ull << 20)
#define INTERVAL   1000 /* steps between two snapshots */
#define CYCLES     40000

static struct config *c;
static struct machine *m;
static u8 *good, *bad;
static size_t size, room;

/* The offset at which each entry begins. */
#define ENTRIES 64
static size_t entry[ENTRIES + 1];
static unsigned nentries;

static int pipe_in(UNUSED void *opaque)
{
    static unsigned n;
    return n++ % 5 == 4 ? HOST_IN_LATER : 'a' + (int)(n % 20);
}

static struct machine *power_on(void)
{
    struct host_io io = {.pipe_in = pipe_in};
    struct machine *made = machine_new(c, &io);
    history_begin(made->past, PAST_BYTES);
    made->past->interval = INTERVAL;
    made->past->progress_cycles = 2000;
    return made;
}

/* Records keys, a poke, a register, changes of timing, checks and the end. */
static void record_inputs(void)
{
    u64 word = 77;
    machine_note_disks(m);
    history_record(m->past);
    machine_run(m, 3000);
    machine_input(m, "keys", 4);
    machine_run(m, 5000);
    machine_poke(m, RAM_BASE + 0x40000, &word, 8);
    machine_set_register(m, 31, 5);
    machine_run(m, 6000);
    machine_set_timing(m, TIMING_FAST);
    m->past->next_check = 0;
    machine_run(m, 9000);
    machine_set_timing(m, TIMING_CYCLE);
    machine_input(m, "more", 4);
    machine_run(m, 20000);
}

static void read_back(const char *file)
{
    FILE *f = fopen(file, "rb");
    assert(f);
    room = 1 << 20;
    good = xcalloc(1, room);
    bad = xcalloc(1, 2 * room);
    size = fread(good, 1, room, f);
    fclose(f);
}

/* Header: magic, version, the configuration's bytes, the number of entries. */
static void find_entries(void)
{
    size_t at = 24;
    at += 8 + get_le(good + at, 8);
    u64 count = get_le(good + at, 8);
    at += 8;
    while (nentries < count && nentries < ENTRIES) {
        entry[nentries++] = at;
        at += 44 + get_le(good + at + 36, 8);
    }
    entry[nentries] = at;
    assert(nentries >= 7 && at + 8 == size);
}

int LLVMFuzzerInitialize(UNUSED int *argc, UNUSED char ***argv)
{
    char err[100];
    c = small_config();
    m = power_on();
    record_inputs();
    bool written =
        history_write_log(m->past, fuzz_file("", 0), err, sizeof err);
    assert(written);
    (void)written;
    machine_free(m);
    read_back(fuzz_file_path());
    find_entries();
    return 0;
}

static size_t damage(const u8 *d, size_t n)
{
    size_t left = size - 8;
    memcpy(bad, good, size);
    for (; n >= 6; d += 6, n -= 6) {
        unsigned k = get_le(d + 4, 2) % nentries;
        size_t at = get_le(d + 1, 2) % left;
        u8 *e = bad + entry[k];
        switch (d[0] % 10) {
        case 0: /* anywhere */
            bad[at] ^= (u8)(1 << (d[3] & 7));
            break;
        case 1:
            bad[at] = d[3];
            break;
        case 2: /* another kind of entry */
            put_le(e + 32, d[3] % (INPUT_KINDS + 1), 4);
            break;
        case 3 ... 6: /* its moment: cycle, instructions, traps, events */
            put_le(e + 8 * (d[0] % 10 - 3),
                   get_le(e + 8 * (d[0] % 10 - 3), 8) + d[3] - 128, 8);
            break;
        case 7: /* its number of bytes */
            put_le(e + 36, d[3] & 0x80 ? 1ull << (d[3] & 63) : d[3], 8);
            break;
        case 8: /* its bytes */
            if (entry[k + 1] - entry[k] > 44)
                e[44 + at % (entry[k + 1] - entry[k] - 44)] = d[3];
            break;
        default:
            left = at ? at : left;
        }
    }
    return left;
}

static void replay(u64 back)
{
    enum machine_stop why = MS_DEADLINE;
    while (why != MS_OFF && why != MS_DEPARTED && why != MS_REPLAYED &&
           m->hart.cycle < CYCLES)
        why = machine_run(m, m->hart.cycle + 1500);
    assert(why != MS_DEPARTED || *history_departure(m->past));
    char now[33], then[33];
    machine_hash(m, now);
    u64 past = moment_steps(history_now(m->past)) -
               moment_steps(history_first(m->past));
    if (!past || history_back(m->past, 1 + back % past) != HISTORY_THERE)
        return;
    machine_hash(m, then);
    enum history_end e = history_goto(m->past, history_present(m->past));
    assert(e == HISTORY_THERE);
    machine_hash(m, then);
    assert(!strcmp(now, then));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    char err[300] = "";
    size_t left = damage(data, n);
    put_le(bad + left, XXH3_64bits(bad, left), 8);
    m = power_on();
    if (history_replay(m->past, fuzz_file(bad, left + 8), err, sizeof err))
        replay(n ? data[n - 1] * 97 : 0);
    else
        assert(*err);
    machine_free(m);
    return 0;
}
