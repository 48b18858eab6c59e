/* SPDX-License-Identifier: MIT */
/* A track is written when made or renamed, a word once. Later packets name a
 * track by its uuid, and a word by the number that its first packet gave it
 * (InternedData). The flags of the first packet say that it begins a sequence,
 * the flags of later packets that they need the earlier ones. */
#include "inspect/logs/perfetto.h"

enum { /* field numbers */
       TRACE_PACKET = 1,
       /* TracePacket */
       PACKET_TIMESTAMP = 8,
       PACKET_SEQUENCE = 10, /* trusted_packet_sequence_id */
       PACKET_EVENT = 11,
       PACKET_INTERNED = 12,
       PACKET_FLAGS = 13,
       PACKET_TRACK = 60,
       PACKET_FIRST = 87, /* first_packet_on_sequence */
       /* the message of each InternedData field (word_field[]) */
       WORD_NUMBER = 1,
       WORD_TEXT = 2,
       /* TrackDescriptor */
       TRACK_UUID = 1,
       TRACK_NAME = 2,
       TRACK_PROCESS = 3,
       TRACK_THREAD = 4,
       TRACK_PARENT = 5,
       TRACK_COUNTER = 8,
       PROCESS_PID = 1,
       PROCESS_NAME = 6,
       THREAD_PID = 1,
       THREAD_TID = 2,
       THREAD_NAME = 5,
       COUNTER_UNIT = 6, /* unit_name */
       /* TrackEvent */
       EVENT_CATEGORY = 3,
       EVENT_ANNOTATION = 4,
       EVENT_TYPE = 9,
       EVENT_NAME_NUMBER = 10,
       EVENT_TRACK = 11,
       EVENT_NAME = 23,
       EVENT_VALUE = 30,
       EVENT_FLOW = 47,
       EVENT_FLOW_END = 48,
       /* DebugAnnotation */
       ANNOTATION_KEY = 1,
       ANNOTATION_COUNT = 3,
       ANNOTATION_ADDRESS = 7,
       ANNOTATION_TEXT = 17
};
enum { CLEARED = 1, NEEDED = 2 }; /* SequenceFlags */

static const unsigned word_field[PERFETTO_KINDS] = {
    [PERFETTO_CATEGORY] = 1,
    [PERFETTO_NAME] = 2,
    [PERFETTO_KEY] = 3,
    [PERFETTO_TEXT] = 29,
};

void perfetto_free(struct perfetto *p)
{
    pb_free(&p->packet);
    pb_free(&p->fresh);
}

static u64 word_number(struct perfetto *p, enum perfetto_words kind,
                       const char *word)
{
    unsigned n = p->words[kind].n;
    for (unsigned i = 0; i < n; i++)
        if (p->words[kind].word[i] == word)
            return i + 1;
    assert(n < PERFETTO_WORDS);
    p->words[kind].word[p->words[kind].n++] = word;
    pb_begin(&p->fresh, word_field[kind]);
    pb_uint(&p->fresh, WORD_NUMBER, n + 1);
    pb_text(&p->fresh, WORD_TEXT, word);
    pb_end(&p->fresh);
    return n + 1;
}

static void packet_begin(struct perfetto *p)
{
    pb_begin(&p->packet, TRACE_PACKET);
    pb_uint(&p->packet, PACKET_SEQUENCE, 1);
    pb_uint(&p->packet, PACKET_FLAGS, p->packets ? NEEDED : CLEARED | NEEDED);
    if (!p->packets++)
        pb_uint(&p->packet, PACKET_FIRST, 1);
}

/* Ends the message inside the packet, and the packet. A failed write is noticed
 * when the file is closed. */
void perfetto_end(struct perfetto *p)
{
    pb_end(&p->packet);
    if (p->fresh.n)
        pb_bytes(&p->packet, PACKET_INTERNED, p->fresh.bytes, p->fresh.n);
    pb_end(&p->packet);
    fwrite(p->packet.bytes, 1, p->packet.n, p->f);
    pb_clear(&p->packet);
    pb_clear(&p->fresh);
}

/* ---- tracks ------------------------------------------------------------- */

static u64 track_begin(struct perfetto *p, u64 track, u64 parent,
                       const char *name)
{
    if (!track)
        track = ++p->tracks;
    packet_begin(p);
    pb_begin(&p->packet, PACKET_TRACK);
    pb_uint(&p->packet, TRACK_UUID, track);
    if (parent)
        pb_uint(&p->packet, TRACK_PARENT, parent);
    if (name)
        pb_text(&p->packet, TRACK_NAME, name);
    return track;
}

u64 perfetto_track(struct perfetto *p, u64 parent, const char *name)
{
    u64 track = track_begin(p, 0, parent, name);
    perfetto_end(p);
    return track;
}

u64 perfetto_counter(struct perfetto *p, u64 parent, const char *name,
                     const char *unit)
{
    u64 track = track_begin(p, 0, parent, name);
    pb_begin(&p->packet, TRACK_COUNTER);
    pb_text(&p->packet, COUNTER_UNIT, unit);
    pb_end(&p->packet);
    perfetto_end(p);
    return track;
}

u64 perfetto_process(struct perfetto *p, u64 track, u32 pid, const char *name)
{
    track = track_begin(p, track, 0, NULL);
    pb_begin(&p->packet, TRACK_PROCESS);
    pb_uint(&p->packet, PROCESS_PID, pid);
    pb_text(&p->packet, PROCESS_NAME, name);
    pb_end(&p->packet);
    perfetto_end(p);
    return track;
}

u64 perfetto_thread(struct perfetto *p, u64 track, u64 process, u32 pid,
                    u32 tid, const char *name)
{
    track = track_begin(p, track, process, NULL);
    pb_begin(&p->packet, TRACK_THREAD);
    pb_uint(&p->packet, THREAD_PID, pid);
    pb_uint(&p->packet, THREAD_TID, tid);
    pb_text(&p->packet, THREAD_NAME, name);
    pb_end(&p->packet);
    perfetto_end(p);
    return track;
}

/* ---- events ------------------------------------------------------------- */

static void event_begin(struct perfetto *p, enum perfetto_type type, u64 track,
                        u64 ns, const char *category)
{
    packet_begin(p);
    pb_uint(&p->packet, PACKET_TIMESTAMP, ns);
    pb_begin(&p->packet, PACKET_EVENT);
    pb_uint(&p->packet, EVENT_TYPE, type);
    pb_uint(&p->packet, EVENT_TRACK, track);
    if (category)
        pb_uint(&p->packet, EVENT_CATEGORY,
                word_number(p, PERFETTO_CATEGORY, category));
}

void perfetto_event(struct perfetto *p, enum perfetto_type type, u64 track,
                    u64 ns, const char *category, const char *name)
{
    event_begin(p, type, track, ns, category);
    if (name)
        pb_uint(&p->packet, EVENT_NAME_NUMBER,
                word_number(p, PERFETTO_NAME, name));
}

void perfetto_named(struct perfetto *p, enum perfetto_type type, u64 track,
                    u64 ns, const char *category, const char *name)
{
    event_begin(p, type, track, ns, category);
    pb_text(&p->packet, EVENT_NAME, name);
}

static void annotate_number(struct perfetto *p, const char *key, unsigned field,
                            u64 v)
{
    pb_begin(&p->packet, EVENT_ANNOTATION);
    pb_uint(&p->packet, ANNOTATION_KEY, word_number(p, PERFETTO_KEY, key));
    pb_uint(&p->packet, field, v);
    pb_end(&p->packet);
}

void perfetto_count(struct perfetto *p, const char *key, u64 v)
{
    annotate_number(p, key, ANNOTATION_COUNT, v);
}

void perfetto_address(struct perfetto *p, const char *key, u64 v)
{
    annotate_number(p, key, ANNOTATION_ADDRESS, v);
}

void perfetto_word(struct perfetto *p, const char *key, const char *word)
{
    annotate_number(p, key, ANNOTATION_TEXT,
                    word_number(p, PERFETTO_TEXT, word));
}

void perfetto_flow(struct perfetto *p, u64 id, bool last)
{
    pb_fixed64(&p->packet, last ? EVENT_FLOW_END : EVENT_FLOW, id);
}

void perfetto_value(struct perfetto *p, u64 track, u64 ns, u64 v)
{
    perfetto_event(p, PERFETTO_VALUE, track, ns, NULL, NULL);
    pb_int(&p->packet, EVENT_VALUE, (s64)v);
    perfetto_end(p);
}
