/* SPDX-License-Identifier: MIT */
/* Declares for all harnesses the entry points of libFuzzer (loop.c calls them
 * if there is no clang), files that are in memory alone, and a way back to the
 * harness from code that ends the program (die(), exit()). */
#pragma once

#include <setjmp.h>
#include <stdio.h>

#include "base/base.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t n);

/* Makes a file of these bytes, which is in no folder; returns its path, which
 * is good until the next call. */
const char *fuzz_file(const void *data, size_t n);
const char *fuzz_file_path(void); /* of fuzz_file's last file */

/* FUZZ_ENDS(statement) runs the statement. It gives 0 if the statement returns.
 * If it exits, FUZZ_ENDS gives 1 + the status; the statement's memory is lost
 * (hence -detect_leaks=0), and its files are closed. */
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
