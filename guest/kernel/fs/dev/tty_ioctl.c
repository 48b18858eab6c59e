/* SPDX-License-Identifier: MIT */
/* Serves the terminal's ioctls; sets the controlling terminal (job control). */
#include "fs/dev/tty.h"

#include "drv/uart.h"
#include "task/proc.h"
#include "vm/uaccess.h"

int tty_check_change(struct tty *t, int sig)
{
    if (current->leader->ctty != t || !t->pgrp ||
        current->leader->pgrp == t->pgrp)
        return 0;
    if (signal_is_ignored(current, sig))
        return sig == SIGTTIN ? -EIO : 0;
    if (pgrp_orphaned(current->leader->pgrp))
        return -EIO;
    pgrp_signal(current->leader->pgrp, sig);
    return -ERESTARTSYS;
}

void tty_acquire(struct tty *t)
{
    t->session = current->leader->session;
    t->pgrp = current->leader->pgrp;
    current->leader->ctty = t;
}

static void detach_session(struct tty *t)
{
    for (struct proc *p = proc_after(0); p; p = proc_after(p->lens.pid))
        if (p->ctty == t && p->session == t->session)
            p->ctty = NULL;
    t->session = 0;
    t->pgrp = 0;
}

void tty_session_exit(struct proc *leader)
{
    struct tty *t = leader->ctty;

    assert(leader->leader == leader);
    if (!t || t->session != leader->lens.pid)
        return;
    if (t->pgrp) {
        pgrp_signal(t->pgrp, SIGHUP);
        pgrp_signal(t->pgrp, SIGCONT);
    }
    detach_session(t);
}

static s64 set_termios(struct tty *t, u64 arg, bool flush)
{
    struct termios tio;
    int err = tty_check_change(t, SIGTTOU);

    if (!err)
        err = copyin(&tio, arg, sizeof(tio));
    if (err)
        return err;
    u32 old = t->tio.c_lflag;
    if (flush)
        tty_flush_input(t);
    t->tio = tio;
    if (!(tio.c_iflag & IXON) && t->stopped) {
        t->stopped = false;
        wake_up(&t->writers);
    }
    tty_mode_changed(t, old);
    uart_resume();
    return 0;
}

static s64 set_ctty(struct tty *t, u64 force)
{
    if (current->leader->session != current->lens.tgid)
        return -EPERM;
    if (current->leader->ctty)
        return t->session == current->lens.tgid ? 0 : -EPERM;
    if (t->session) {
        if (force != 1 || !capable(CAP_SYS_ADMIN))
            return -EPERM;
        detach_session(t);
    }
    tty_acquire(t);
    return 0;
}

static s64 set_pgrp(struct tty *t, u64 arg)
{
    s32 pgrp;
    int err = tty_check_change(t, SIGTTOU);

    if (err)
        return err == -EIO ? -ENOTTY : err;
    if (current->leader->ctty != t || t->session != current->leader->session)
        return -ENOTTY;
    if ((err = copyin(&pgrp, arg, sizeof(pgrp))))
        return err;
    if (pgrp < 0)
        return -EINVAL;
    if (!pgrp_exists((u32)pgrp, current->leader->session))
        return pgrp_signal((u32)pgrp, 0) ? -ESRCH : -EPERM;
    t->pgrp = (u32)pgrp;
    return 0;
}

static s64 set_winsize(struct tty *t, u64 arg)
{
    struct winsize win;
    int err = copyin(&win, arg, sizeof(win));

    if (err)
        return err;
    if (memcmp(&win, &t->win, sizeof(win)) == 0)
        return 0;
    t->win = win;
    if (t->pgrp)
        pgrp_signal(t->pgrp, SIGWINCH);
    return 0;
}

static s64 flush_queue(struct tty *t, u64 which)
{
    int err = tty_check_change(t, SIGTTOU);

    if (err)
        return err;
    if (which > 2)
        return -EINVAL;
    if (which != 1) { /* TCIFLUSH, TCIOFLUSH; output is never queued */
        tty_flush_input(t);
        uart_resume();
    }
    return 0;
}

static s64 flow(struct tty *t, u64 what)
{
    if (what > 3)
        return -EINVAL;
    if (what <= 1) { /* TCOOFF, TCOON */
        t->stopped = what == 0;
        wake_up(&t->writers);
    }
    return 0;
}

static s64 put_int(u64 arg, s32 value)
{
    return copyout(arg, &value, sizeof(value));
}

s64 tty_ioctl(struct file *f, u32 cmd, u64 arg)
{
    struct tty *t = f->priv;
    bool own = current->leader->ctty == t;

    switch (cmd) {
    case TCGETS:
        return copyout(arg, &t->tio, sizeof(t->tio));
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
        return set_termios(t, arg, cmd == TCSETSF);
    case TCSBRK:
    case TCSBRKP:
        return tty_check_change(t, SIGTTOU); /* nothing is queued */
    case TCXONC:
        return flow(t, arg);
    case TCFLSH:
        return flush_queue(t, arg);
    case TIOCSCTTY:
        return set_ctty(t, arg);
    case TIOCNOTTY:
        if (!own)
            return -ENOTTY;
        if (current->leader->session == current->lens.tgid)
            tty_session_exit(current->leader);
        current->leader->ctty = NULL;
        return 0;
    case TIOCGPGRP:
        return own ? put_int(arg, (s32)t->pgrp) : -ENOTTY;
    case TIOCSPGRP:
        return set_pgrp(t, arg);
    case TIOCGSID:
        return own ? put_int(arg, (s32)t->session) : -ENOTTY;
    case TIOCOUTQ:
        return put_int(arg, 0);
    case TIOCINQ:
        return put_int(arg, (s32)(t->canon - t->tail));
    case TIOCGWINSZ:
        return copyout(arg, &t->win, sizeof(t->win));
    case TIOCSWINSZ:
        return set_winsize(t, arg);
    case TIOCGETD:
        return put_int(arg, 0);
    default:
        return -ENOTTY;
    }
}
