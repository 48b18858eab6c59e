/* SPDX-License-Identifier: MIT */
#pragma once

struct trapframe;

void syscall_dispatch(struct trapframe *);
