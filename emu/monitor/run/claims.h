/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: a report; `title`, `claim`, `figure` add its rows. */
#pragma once

#include "monitor/run/run.h"

enum verdict { NO_VERDICT, HOLDS, FAILS, DIFFERS, VERDICTS };
extern const char *const claims_verdict[VERDICTS]; /* the verdicts' words */
#define CLAIM_TEXTS 3
struct claim {
    char *text[CLAIM_TEXTS]; /* what, says, measured; or: title, source */
    bool is_title;
    enum verdict verdict;
};
struct report {
    struct claim *rows;
    size_t n;
};
struct claim *claims_add(struct session *s, const char *what, const char *says,
                         const char *measured);
void claims_show(struct answer *a, const struct report *r); /* the table */
/* Called when a file ends with status st: prints the table of its claims.
 * Returns st; CMD_FAILED if st is a success but a claim has failed. */
enum command_status claims_end(struct answer *a, enum command_status st);
void claims_free(struct session *s);
