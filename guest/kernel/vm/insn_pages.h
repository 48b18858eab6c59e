/* SPDX-License-Identifier: MIT */
/* The pages that one instruction needs at once. */
#ifndef VM_INSN_PAGES_H
#define VM_INSN_PAGES_H

#include "vm/page.h"

/* A fault of the running process, from user mode, waited for this page, which
 * is mapped now. */
void insn_pages_note(struct page *page);
/* Does a process still need it for the instruction at which it faulted? Asked
 * of frames with FRAME_F_INSN; takes the flag away if not. => never sleeps */
bool insn_page_needed(struct page *page);
/* Memory is out: nobody but the running process keeps such pages any longer.
 * False: nobody else had any. */
bool insn_pages_release_others(void);

#endif
