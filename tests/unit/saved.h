/* SPDX-License-Identifier: MIT */
/* Saves and loads by a temporary file: SAVE(dram_state(d, s)) writes the file,
 * LOAD(dram_state(d, s)) reads it; each defines s. REFUSE("why", ...) fails
 * unless the load is refused, for a reason with these words ("": any reason).
 * DIGEST(hex, ...) gives the hash of what the calls would save. */
#pragma once

#include "unit.h"

#include "base/state.h"

static char saved_file[] = "/tmp/clockhand-saved-XXXXXX";

static inline void saved_remove(void)
{
    unlink(saved_file);
}

static inline const char *saved_path(void)
{
    if (strstr(saved_file, "XXXXXX")) {
        close(mkstemp(saved_file));
        atexit(saved_remove);
    }
    return saved_file;
}

#define SAVE(...)                                                              \
    do {                                                                       \
        struct state *s = state_saver(saved_path());                           \
        __VA_ARGS__;                                                           \
        assert_true(state_save_finish(s));                                     \
    } while (0)
#define LOAD(...)                                                              \
    do {                                                                       \
        struct state *s = state_loader(saved_path());                          \
        assert_non_null(s);                                                    \
        __VA_ARGS__;                                                           \
        assert_true(state_load_finish(s));                                     \
    } while (0)
#define REFUSE(why, ...)                                                       \
    do {                                                                       \
        struct state *s = state_loader(saved_path());                          \
        assert_non_null(s);                                                    \
        __VA_ARGS__;                                                           \
        assert_true(!*(why) || strstr(state_error(s), (why)));                 \
        assert_false(state_load_finish(s));                                    \
    } while (0)
#define DIGEST(hex, ...)                                                       \
    do {                                                                       \
        struct state *s = state_hasher();                                      \
        __VA_ARGS__;                                                           \
        state_hash_finish(s, hex);                                             \
    } while (0)
