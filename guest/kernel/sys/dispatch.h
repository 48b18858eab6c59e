/* SPDX-License-Identifier: MIT */
#ifndef SYS_DISPATCH_H
#define SYS_DISPATCH_H

struct trapframe;

/* Runs the system call that the trap frame asks for. */
void syscall_dispatch(struct trapframe *);

#endif
