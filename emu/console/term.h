/* SPDX-License-Identifier: MIT */
/* The screen of the guest's console, a VT100 without colours, which the panel
 * shows. Until the guest has sent \r\n once, a bare \n also returns to the
 * first column, as the terminal driver's ONLCR would: xv6 never sends \r. */
#pragma once

#include "inspect/display.h"

struct term {
    char cell[INS_CONSOLE_ROWS][INS_CONSOLE_COLS];
    unsigned row, col;
    bool wrap; /* the last column is written: the next letter wraps */
    unsigned top, bottom; /* scrolling region, rows */
    unsigned saved_row, saved_col;
    u8 state; /* of the escape parser */
    u8 utf8;  /* bytes of a character still to come */
    unsigned param[8], nparams;
    bool private_; /* ESC [ and then <, =, > or ? */
    bool after_cr; /* the byte before was \r */
    bool sends_cr; /* the guest has sent \r\n: a bare \n keeps the column */
};

void term_init(struct term *t);
void term_put(struct term *t, u8 byte);
/* Copies the rows, as strings. */
void term_copy(const struct term *t,
               char out[INS_CONSOLE_ROWS][INS_CONSOLE_COLS + 1]);
