/* SPDX-License-Identifier: MIT */
#pragma once

void sysrq_init(void); /* => drivers have been set up */
void sysrq_show_mem(void);
