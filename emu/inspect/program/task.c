/* SPDX-License-Identifier: MIT */
/* Gives a debugger the list of tasks, the translation of their addresses, the
 * registers of the tasks that are not on the hart, and the hart's CSRs. */
#include "inspect/internal.h"
#include "inspect/task.h"
#include "inspect/walk.h"

#include "trapframe.h"

bool ins_task_row(struct machine *m, u32 task, struct lens_proc *p, u64 *slot)
{
    u64 slots = ins_nslots(m);
    for (*slot = 0; *slot < slots; ++*slot)
        if (ins_kernel_proc(m, *slot, p) && p->state != PS_UNUSED &&
            p->state != PS_ZOMBIE && p->pid == task)
            return true;
    return false;
}

u32 inspect_current_task(struct machine *m)
{
    return ins_current_tid(m);
}

void inspect_tasks(struct machine *m,
                   void (*fn)(void *, const struct ins_proc *), void *opaque)
{
    u64 slots = ins_nslots(m);
    u32 current = ins_current_tid(m);
    for (u64 slot = 0; slot < slots; slot++) {
        struct lens_proc p;
        struct ins_proc out;
        if (!ins_kernel_proc(m, slot, &p) || p.state == PS_UNUSED ||
            p.state == PS_ZOMBIE || !p.pid)
            continue;
        ins_proc_fill(&p, current, &out);
        fn(opaque, &out);
    }
}

bool inspect_task(struct machine *m, u32 task, struct ins_proc *out)
{
    struct lens_proc p;
    u64 slot;
    if (!task || !ins_task_row(m, task, &p, &slot))
        return false;
    ins_proc_fill(&p, ins_current_tid(m), out);
    return true;
}

bool inspect_task_va_to_pa(struct machine *m, u32 task, u64 va, u64 *pa)
{
    struct lens_proc p;
    u64 slot;
    if (!task || task == ins_current_tid(m))
        return inspect_va_to_pa(m, va, pa);
    if (!ins_task_row(m, task, &p, &slot))
        return false;
    unsigned first;
    return ins_va_to_pa(m, p.satp ? p.satp : ins_kernel_satp(m, &first), va,
                        pa);
}

bool inspect_csr(const struct machine *m, unsigned csr, u64 *value)
{
    struct hart h = m->hart; /* a copy: reading has no effect on the hart */
    h.priv = PRV_M;
    h.mstatus |= MSTATUS_FS;
    if (!strcmp(hart_csr_name(csr), "mstatus") ||
        !strcmp(hart_csr_name(csr), "sstatus"))
        h.mstatus = m->hart.mstatus;
    return !(hart_csr_read(&h, csr, value) & HE_TRAP);
}

static void find_layout(struct machine *m, struct ins_task_layout *l)
{
    const char *file = m->symbols_file;
    l->asked = true;
    l->known = file && ins_member(file, "proc", "lens", &l->row) &&
               ins_member(file, "proc", "tf", &l->frame) &&
               ins_member(file, "proc", "context", &l->context);
}

static bool peek_word(struct machine *m, u64 pa, u64 *v)
{
    u8 bytes[8];
    if (!machine_peek(m, pa, bytes, sizeof bytes))
        return false;
    *v = get_le(bytes, 8);
    return true;
}

/* Reads a user task's registers from its trap frame, in the direct map. */
static bool read_trap_frame(struct machine *m, u64 proc_pa,
                            const struct ins_task_layout *l,
                            struct ins_task_registers *out)
{
    u8 bytes[8 * TRAPFRAME_WORDS];
    u64 va;
    if (!peek_word(m, proc_pa + l->frame, &va))
        return false;
    u64 pa = va - ins_lens(m)->info->direct_va;
    if (!va || va & 7 || !machine_peek(m, pa, bytes, sizeof bytes))
        return false;
    for (unsigned i = 1; i < 32; i++)
        out->x[i] = get_le(bytes + i * 8, 8);
    out->pc = get_le(bytes + 8 * TRAPFRAME_PC, 8);
    out->pc_known = true;
    out->known = ~0u;
    out->frame_pa = pa;
    return true;
}

/* Reads a kernel thread's registers from struct context: ra, sp, s0 to s11. */
static bool read_context(struct machine *m, u64 proc_pa,
                         const struct ins_task_layout *l,
                         struct ins_task_registers *out)
{
    static const u8 saved[] = {1,  2,  8,  9,  18, 19, 20,
                               21, 22, 23, 24, 25, 26, 27};
    for (unsigned i = 0; i < ARRAY_LEN(saved); i++) {
        if (!peek_word(m, proc_pa + l->context + i * 8, &out->x[saved[i]]))
            return false;
        out->known |= 1u << saved[i];
    }
    out->known |= 1; /* x0 */
    out->pc = out->x[1];
    out->pc_known = true;
    return true;
}

bool inspect_task_registers(struct machine *m, struct ins_task_layout *layout,
                            u32 task, struct ins_task_registers *out)
{
    struct lens_proc p;
    u64 slot;
    memset(out, 0, sizeof *out);
    if (!layout->asked)
        find_layout(m, layout);
    if (!layout->known || !task || task == ins_current_tid(m) ||
        !ins_task_row(m, task, &p, &slot))
        return false;
    const struct lens_info *info = ins_lens(m)->info;
    u64 proc_pa = info->procs_pa + slot * info->proc_stride - layout->row;
    return p.satp ? read_trap_frame(m, proc_pa, layout, out)
                  : read_context(m, proc_pa, layout, out);
}
