/* SPDX-License-Identifier: MIT */
/* What harnesses share: the entry points of libFuzzer (which loop.c calls
 * where there is no clang), files that are only memory, and code that may end
 * the program - die(), exit() - brought back to the harness. */
#ifndef CLOCKHAND_FUZZ_H
#define CLOCKHAND_FUZZ_H

#include <setjmp.h>
#include <stdio.h>

#include "base/base.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t n);

/* A file of these bytes that has no name in any folder; its path is good
 * until the next call. */
const char *fuzz_file(const void *data, size_t n);
const char *fuzz_file_path(void); /* as it is now */

/* FUZZ_ENDS(statement): 0 when it returned, else 1 + the exit status that it
 * ended with. What it had allocated is lost: -detect_leaks=0; what it had open
 * is closed. */
extern jmp_buf fuzz_end;
extern bool fuzz_may_end;
int fuzz_next_fd(void); /* what the next open() will give */
void fuzz_close_from(int fd);
#define FUZZ_ENDS(statement)                                                   \
    ({                                                                         \
        fuzz_may_end = true;                                                   \
        const int fuzz_fd = fuzz_next_fd();                                    \
        int fuzz_status = setjmp(fuzz_end);                                    \
        if (!fuzz_status) {                                                    \
            statement;                                                         \
        }                                                                      \
        fuzz_may_end = false;                                                  \
        if (fuzz_status)                                                       \
            fuzz_close_from(fuzz_fd);                                          \
        fuzz_status;                                                           \
    })

/* Standard output and error are not wanted: a mistake is told each time. */
void fuzz_quiet(void);

#endif
