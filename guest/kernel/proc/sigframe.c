/* SPDX-License-Identifier: MIT */
/* Delivers signals on return to user mode: takes default actions, builds the
 * handler's frame (Linux riscv64's, byte for byte), and returns from it.
 * Layout: arch/riscv/include/uapi/asm/ucontext.h and sigcontext.h of
 * Linux 6.12. */
#include "arch/csr.h"
#include "task/sched.h"
#include "vm/reclaim.h"
#include "vm/space.h"
#include "vm/uaccess.h"
#include "proc/life.h"

#include <linux/signal.h>

struct sigframe {
    struct siginfo info; /* 128 bytes */
    struct {             /* struct ucontext, at 128 */
        u64 flags, link;
        struct stack_k stack;
        u64 mask;
        u8 unused[128 - 8];
        u64 pad;
        u64 pc_and_x[32]; /* mcontext, at 304 */
        u64 f[32];        /* at 560 */
        u32 fcsr;         /* at 816 */
        u32 fill[64];
        u32 reserved; /* at 1076 */
        u32 ext[2];   /* at 1080: {END_MAGIC 0, size 0} */
    } uc;
};
_Static_assert(sizeof(struct siginfo) == 128, "siginfo");
_Static_assert(sizeof(struct sigframe) == 1088, "sigframe");
_Static_assert(offsetof(struct sigframe, uc.pc_and_x) == 304, "mcontext");
_Static_assert(offsetof(struct sigframe, uc.fcsr) == 816, "fcsr");
_Static_assert(offsetof(struct sigframe, uc.reserved) == 1076, "reserved");

/* False, too, for a stack that a handler's frame disarms: it may be used again
 * from its top (Linux 6.12, include/linux/sched/signal.h: on_sig_stack). */
static bool on_altstack(const struct proc *p, u64 sp)
{
    const struct stack_k *s = &p->altstack;
    return s->size && !(s->flags & SS_AUTODISARM) && sp > s->sp &&
           sp - s->sp <= s->size;
}

struct stack_k signal_stack(const struct proc *p)
{
    struct stack_k s = p->altstack;
    s.flags &= SS_AUTODISARM;
    if (!s.size)
        s.flags |= SS_DISABLE;
    else if (on_altstack(p, p->tf->x[REG_SP]))
        s.flags |= SS_ONSTACK;
    return s;
}

int signal_set_stack(const struct stack_k *new)
{
    struct proc *me = current;
    u32 mode = new->flags & ~SS_AUTODISARM;
    if (on_altstack(me, me->tf->x[REG_SP]))
        return -EPERM;
    if (mode != 0 && mode != SS_ONSTACK && mode != SS_DISABLE)
        return -EINVAL;
    if (me->altstack.sp == new->sp && me->altstack.size == new->size &&
        me->altstack.flags == new->flags)
        return 0; /* nothing is asked for */
    if (mode != SS_DISABLE && new->size < MINSIGSTKSZ)
        return -ENOMEM;
    me->altstack = (struct stack_k){.flags = new->flags};
    if (mode != SS_DISABLE) {
        me->altstack.sp = new->sp;
        me->altstack.size = new->size;
    }
    return 0;
}

static void fill_frame(struct sigframe *f, struct trapframe *tf,
                       const struct siginfo *info, u64 mask)
{
    struct proc *me = current;
    memset(f, 0, sizeof *f);
    f->info = *info;
    f->uc.stack = me->altstack;
    f->uc.mask = mask;
    memcpy(f->uc.pc_and_x, tf->x, sizeof f->uc.pc_and_x);
    f->uc.pc_and_x[0] = tf->pc;
    fp_sync(me);
    memcpy(f->uc.f, me->fp.f, sizeof f->uc.f);
    f->uc.fcsr = me->fp.fcsr;
}

/* Enters the handler: 0, or -EFAULT if its stack has no room. => may sleep */
static int push_frame(struct trapframe *tf, const struct sigaction_k *act,
                      const struct siginfo *info, u64 mask)
{
    struct proc *me = current;
    struct sigframe f;
    u64 sp = tf->x[REG_SP];
    fill_frame(&f, tf, info, mask);
    bool nested = on_altstack(me, sp);
    if ((act->flags & SA_ONSTACK) && me->altstack.size && !nested)
        sp = me->altstack.sp + me->altstack.size;
    sp = (sp - sizeof f) & ~15ul;
    /* A frame below the alternate stack would overwrite other memory, and the
     * next one would begin at the stack's top again. */
    if ((nested && !on_altstack(me, sp)) || copyout(sp, &f, sizeof f))
        return -EFAULT;
    tf->x[REG_SP] = sp;
    tf->x[REG_RA] = VDSO_BASE; /* li a7,139; ecall */
    tf->x[REG_A0] = (u64)info->si_signo;
    tf->x[REG_A0 + 1] = sp;
    tf->x[REG_A0 + 2] = sp + offsetof(struct sigframe, uc);
    tf->pc = act->handler;
    return 0;
}

/* Restarts a system call that a signal has interrupted, or makes it return
 * EINTR. */
static void restart_or_eintr(struct trapframe *tf, bool handler, u64 sa_flags)
{
    s64 ret = (s64)tf->x[REG_A0];
    bool again;
    if (tf->cause != CAUSE_ECALL_USER)
        return;
    switch (-ret) {
    case ERESTARTNOINTR:
        again = true;
        break;
    case ERESTARTSYS:
        again = !handler || (sa_flags & SA_RESTART);
        break;
    case ERESTARTNOHAND:
    case ERESTART_RESTARTBLOCK:
        again = !handler;
        break;
    default:
        return;
    }
    tf->cause = SYSCALL_NONE;
    if (!again) {
        tf->x[REG_A0] = (u64)-EINTR;
        return;
    }
    tf->x[REG_A0] = tf->orig_a0;
    if (-ret == ERESTART_RESTARTBLOCK)
        tf->x[REG_A7] = 128; /* restart_syscall */
    tf->pc -= 4;
}

/* Tells all tasks to stop; each does so before it returns to user mode. */
static void stop_all(struct proc *lead, int sig)
{
    lead->stop_signal = sig;
    lead->group_stop = true;
    lead->stop_told = lead->stop_report = lead->cont_report = false;
    signal_notify_all(lead);
}

/* Stops until SIGCONT or SIGKILL. */
static void stop_here(void)
{
    struct proc *me = current;
    while (me->leader->group_stop && !signal_fatal_pending(me)) {
        proc_set_state(me, PS_STOPPED);
        group_stop_told(me->leader);
        schedule();
    }
}

static void default_action(const struct siginfo *why)
{
    int sig = why->si_signo;
    struct proc *lead = current->leader;
    if (SIGBIT(sig) & STOP_SIGNALS) {
        if (sig == SIGSTOP || !pgrp_orphaned(lead->pgrp))
            stop_all(lead, sig);
        return;
    }
    proc_exit_group(sig);
}

void fault_signal(int sig, int code, u64 addr)
{
    while (!signal_fault(sig, code, addr) && memory_call_again())
        ;
}

/* Delivers one pending signal; false if there is none. */
static bool deliver_one(struct trapframe *tf)
{
    struct proc *me = current;
    struct siginfo info;
    int sig = signal_take(me, ~me->sig_blocked, &info);
    if (!sig)
        return false;
    struct sigaction_k *slot = &me->sighand->action[sig - 1], act = *slot;
    if (signal_ignores(me, sig))
        return true;
    if (act.handler == SIG_DFL || sig == SIGKILL || sig == SIGSTOP) {
        default_action(&info);
        return true;
    }
    restart_or_eintr(tf, true, act.flags);
    u64 mask = me->sig_restore_mask ? me->sig_saved_mask : me->sig_blocked;
    if (push_frame(tf, &act, &info, mask)) {
        if (sig == SIGSEGV)
            me->sighand->action[SIGSEGV - 1].handler = SIG_DFL;
        fault_signal(SIGSEGV, SI_KERNEL, 0);
        return true;
    }
    if (me->altstack.flags & SS_AUTODISARM)
        me->altstack = (struct stack_k){.flags = SS_DISABLE};
    me->sig_restore_mask = false;
    if (act.flags & SA_RESETHAND)
        slot->handler = SIG_DFL;
    mask = me->sig_blocked | act.mask;
    signal_set_mask(act.flags & SA_NODEFER ? mask : mask | SIGBIT(sig));
    return true;
}

void signal_deliver(struct trapframe *tf)
{
    struct proc *me = current;
    do
        stop_here();
    while (deliver_one(tf));
    restart_or_eintr(tf, false, 0);
    me->sig_notified = signal_is_due(me);
    signal_mask_restore();
}

s64 signal_return(struct trapframe *tf)
{
    struct proc *me = current;
    struct sigframe f;
    if (copyin(&f, tf->x[REG_SP], sizeof f) || f.uc.reserved || f.uc.ext[0] ||
        f.uc.ext[1]) {
        fault_signal(SIGSEGV, SI_KERNEL, 0);
        return 0;
    }
    memcpy(tf->x, f.uc.pc_and_x, sizeof tf->x);
    tf->pc = f.uc.pc_and_x[0] & ~1ul;
    tf->cause = SYSCALL_NONE;
    signal_set_mask(f.uc.mask);
    me->restart.call = NULL; /* the handler may have run within a restart */
    memcpy(me->fp.f, f.uc.f, sizeof me->fp.f);
    me->fp.fcsr = f.uc.fcsr & 0xff;
    fp_forget(me);
    if (f.uc.stack.size || me->altstack.size)
        signal_set_stack(&f.uc.stack); /* errors are ignored, as in Linux */
    return (s64)tf->x[REG_A0];
}
