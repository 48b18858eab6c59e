/* SPDX-License-Identifier: MIT */
#pragma once

struct trapframe;

/* Runs the system call that the trap frame asks for. */
void syscall_dispatch(struct trapframe *);
