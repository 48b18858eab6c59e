/* SPDX-License-Identifier: MIT */
#ifndef SYS_SYSRQ_H
#define SYS_SYSRQ_H

void sysrq_init(void); /* => drivers have been set up */
void sysrq_show_mem(void);

#endif
