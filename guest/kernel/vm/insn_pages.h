/* SPDX-License-Identifier: MIT */
/* Keeps in memory the pages that one instruction needs at once. */
#pragma once

#include "vm/page.h"

/* Notes a page that the running process, in user mode, has faulted on and
 * waited for, and that is mapped now. */
void insn_pages_note(struct page *page);
/* True if a process still needs the page for the instruction at which it
 * faulted. Called for frames with FRAME_F_INSN; clears the flag if not.
 * => never sleeps */
bool insn_page_needed(struct page *page);
/* Called when memory is out: all processes but the running one give up their
 * noted pages. False: none had any. */
bool insn_pages_release_others(void);
