/* SPDX-License-Identifier: MIT */
/* membarrier(2), as Linux 6.12 has it (kernel/sched/membarrier.c). There is one
 * hart, and a switch to another thread passes through the kernel, so all
 * threads see each other's accesses in order already. What remains is the
 * registration, and fence.i for the command that promises it. Restartable
 * sequences are not supported: EINVAL. */
#include "arch/csr.h"
#include "task/proc.h"
#include "sys/syscall.h"
#include "vm/space.h"

enum {
    CMD_QUERY = 0,
    CMD_GLOBAL = 1,
    CMD_GLOBAL_EXPEDITED = 2,
    CMD_REGISTER_GLOBAL_EXPEDITED = 4,
    CMD_PRIVATE_EXPEDITED = 8,
    CMD_REGISTER_PRIVATE_EXPEDITED = 16,
    CMD_PRIVATE_EXPEDITED_SYNC_CORE = 32,
    CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 64,
    CMD_GET_REGISTRATIONS = 512,
    CMD_ALL = 127 | CMD_GET_REGISTRATIONS
};

s64 sys_membarrier(struct sysargs *a)
{
    struct space *s = current->space;
    u32 cmd = (u32)a->a[0];
    if ((u32)a->a[1])
        return -EINVAL;
    switch (cmd) {
    case CMD_QUERY:
        return CMD_ALL;
    case CMD_GLOBAL:
    case CMD_GLOBAL_EXPEDITED:
        return 0;
    case CMD_REGISTER_GLOBAL_EXPEDITED:
    case CMD_REGISTER_PRIVATE_EXPEDITED:
    case CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
        s->barriers |= cmd;
        return 0;
    case CMD_PRIVATE_EXPEDITED:
        return s->barriers & CMD_REGISTER_PRIVATE_EXPEDITED ? 0 : -EPERM;
    case CMD_PRIVATE_EXPEDITED_SYNC_CORE:
        if (!(s->barriers & CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE))
            return -EPERM;
        fence_i();
        return 0;
    case CMD_GET_REGISTRATIONS:
        return s->barriers;
    default:
        return -EINVAL;
    }
}
