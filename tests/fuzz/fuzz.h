/* SPDX-License-Identifier: MIT */
/* Shared by the harnesses: the entry points of libFuzzer (which loop.c calls
 * if there is no clang), files in memory alone, and a way back to the harness
 * from code that ends the program (die(), exit()). */
#pragma once

#include <setjmp.h>
#include <stdio.h>

#include "base/base.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t n);

/* A file of these bytes that has no name in any folder; its path is good
 * until the next call. */
const char *fuzz_file(const void *data, size_t n);
const char *fuzz_file_path(void); /* of fuzz_file's last file */

/* FUZZ_ENDS(statement): 0 if the statement returned, else 1 + the exit status
 * that it ended with. Its memory is lost (hence -detect_leaks=0); its files are
 * closed. */
extern jmp_buf fuzz_end;
extern bool fuzz_may_end;
int fuzz_next_fd(void); /* the descriptor that the next open() will return */
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

/* Silences standard output and error: each mistake would print a message. */
void fuzz_quiet(void);
