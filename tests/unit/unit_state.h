/* SPDX-License-Identifier: MIT */
/* State saved and loaded, in a file that has no name:
 *
 *     SAVE(s, mmu_state(&a, s));
 *     assert_true(LOAD(s, mmu_state(&b, s)));
 */
#ifndef UNIT_STATE_H
#define UNIT_STATE_H

#include <stdio.h>
#include <sys/mman.h>

#include "base/state.h"

/* The file's path, good until the end of the program. */
static inline const char *state_path(void)
{
    static char path[32];

    if (!*path)
        snprintf(path, sizeof(path), "/proc/self/fd/%d",
                 memfd_create("state", 0));
    return path;
}

#define SAVE(s, ...)                                                           \
    do {                                                                       \
        struct state *s = state_saver(state_path());                           \
        assert_non_null(s);                                                    \
        __VA_ARGS__;                                                           \
        assert_true(state_save_finish(s));                                     \
    } while (0)
/* False: the save was refused. */
#define LOAD(s, ...)                                                           \
    ({                                                                         \
        struct state *s = state_loader(state_path());                          \
        assert_non_null(s);                                                    \
        __VA_ARGS__;                                                           \
        state_load_finish(s);                                                  \
    })

#endif
