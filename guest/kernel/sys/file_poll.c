/* SPDX-License-Identifier: MIT */
/* ppoll and pselect6. */
#include "fs/pollset.h"
#include "sys/file.h"
#include "vm/space.h"
#include "vm/reclaim.h"

#define WORDS 16 /* a pselect6 set of up to this many u64s is on the stack */

struct answer { /* may be unaligned */
    u16 revents;
} __attribute__((packed, may_alias));

/* Reads the timeout, a timespec in user memory. NEVER if user is 0. */
static int get_deadline(u64 user, u64 *deadline)
{
    u64 ns;

    *deadline = NEVER;
    if (!user)
        return 0;
    int err = copyin_timespec(&ns, user);
    if (err)
        return err;
    if (ns == 0)
        *deadline = 0;
    else if (ns < NEVER - now_ns())
        *deadline = now_ns() + ns;
    return 0;
}

static int set_mask(u64 user, u64 size)
{
    u64 mask;

    if (!user)
        return 0;
    if (size != sizeof(mask))
        return -EINVAL;
    int err = copyin(&mask, user, sizeof(mask));
    if (!err)
        signal_mask_during_call(mask);
    return err;
}

#define FEW 16 /* a set of at most so many files is on the stack */

static struct pollset *new_set(struct pollset *few, u32 n)
{
    if (n > FEW)
        return kzalloc_wait(n * sizeof *few);
    memset(few, 0, n * sizeof *few);
    return few;
}

static void put_files(struct pollset *set, const struct pollset *few, u32 n)
{
    for (u32 i = 0; i < n; i++)
        if (set[i].file)
            file_put(set[i].file);
    if (set != few)
        kfree(set);
}

/* Returns the call's result and stores the time left. After a signal without a
 * handler the call is restarted for that time, unless it cannot be stored. The
 * call's mask holds on for the handler only if a signal has ended the call
 * (Linux 6.12, fs/select.c: poll_select_finish). */
static s64 outcome(int ready, u64 timeout, u64 deadline)
{
    bool failed = false;
    if (current->sig_restore_mask && ready != -ERESTARTSYS)
        signal_mask_restore();
    if (timeout && deadline && deadline != NEVER) {
        u64 now = now_ns();
        failed = copyout_timespec(timeout, deadline > now ? deadline - now : 0);
    }
    return ready != -ERESTARTSYS ? ready : failed ? -EINTR : -ERESTARTNOHAND;
}

#define POLLFDS 32u /* copied at a time */

static int get_pollfds(struct pollset *set, u64 user, u32 n)
{
    struct pollfd p[POLLFDS];
    for (u32 i = 0; i < n; i++, set++) {
        u32 k = i % POLLFDS;
        int err = k ? 0
                    : copyin(p, user + i * sizeof *p,
                             MIN(n - i, POLLFDS) * sizeof *p);
        if (err)
            return err;
        set->file = p[k].fd < 0 ? NULL : fd_get((u32)p[k].fd);
        set->events = (u16)p[k].events;
        if (p[k].fd >= 0 && (!set->file || (set->file->flags & O_PATH)))
            set->revents = POLLNVAL;
    }
    return 0;
}

/* Stores only the revents fields: another thread may change the fields next to
 * them. */
static int put_pollfds(const struct pollset *set, u64 user, u32 n)
{
    u64 at = user + offsetof(struct pollfd, revents);
    void *kva = NULL;
    size_t room = 0;
    for (u32 i = 0; i < n; i++, at += sizeof(struct pollfd)) {
        u16 revents = (u16)set[i].revents;
        int err = 0;
        if (room < sizeof revents)
            err = user_window(at, true, &kva, &room);
        if (!err && room < sizeof revents) /* it crosses a page boundary */
            err = copyout(at, &revents, sizeof revents);
        else if (!err)
            *(struct answer *)kva = (struct answer){revents};
        if (err)
            return err;
        kva = (char *)kva + sizeof(struct pollfd);
        room -= MIN(room, sizeof(struct pollfd));
    }
    return 0;
}

/* Polls the n files that pollfds in user memory name. The answers are stored
 * even if a signal has ended the wait (Linux 6.12: do_sys_poll). */
static int poll_user(struct pollset *set, u64 user, u32 n, u64 deadline)
{
    int err = get_pollfds(set, user, n);
    if (err)
        return err;
    int ready = poll_wait(set, n, deadline);
    if (ready != -ENOMEM && put_pollfds(set, user, n))
        return -EFAULT;
    return ready;
}

s64 sys_ppoll(struct sysargs *a)
{
    u32 n = (u32)a->a[1];
    u64 deadline;

    int err = get_deadline(a->a[2], &deadline);
    if (!err)
        err = set_mask(a->a[3], a->a[4]);
    if (err)
        return err;
    /* From here on the call's mask is in force, until outcome(). */
    struct pollset few[FEW], *set = NULL;
    int ready = n > fd_limit() ? -EINVAL : 0;
    if (a->a[0] > USER_TOP && !ready) /* looked at even if n is 0 */
        ready = -EFAULT;
    if (!ready) {
        set = new_set(few, n);
        ready = set ? poll_user(set, a->a[0], n, deadline) : -ENOMEM;
    }
    if (set)
        put_files(set, few, n);
    return outcome(ready, a->a[2], deadline);
}

enum { SET_IN, SET_OUT, SET_EX };
static const u32 asks[3] = {POLLIN | POLLRDNORM | POLLRDBAND,
                            POLLOUT | POLLWRNORM, POLLPRI};
static const u32 answers[3] = {
    POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR | POLLNVAL,
    POLLOUT | POLLWRNORM | POLLERR | POLLNVAL, POLLPRI | POLLNVAL};

struct fdsets {
    u64 *bits[3], few[3 * WORDS];
    u32 n; /* bits in each set */
};

#define WORDS_OF(n) DIV_ROUND_UP(n, 64)

/* Copies the sets from user memory; a set that is NULL is empty. */
static int get_fdsets(struct fdsets *fds, const u64 *user)
{
    u32 words = WORDS_OF(fds->n);

    for (int k = 0; k < 3; k++) {
        int err = 0;
        if (user[k])
            err = copyin(fds->bits[k], user[k], words * 8);
        else
            memset(fds->bits[k], 0, words * 8);
        if (err)
            return err;
        if (fds->n % 64)
            fds->bits[k][words - 1] &= (1ul << fds->n % 64) - 1;
    }
    return 0;
}

static u64 in_any(const struct fdsets *fds, u32 word)
{
    return fds->bits[SET_IN][word] | fds->bits[SET_OUT][word] |
           fds->bits[SET_EX][word];
}

/* Returns one more than the highest descriptor in the sets. */
static u32 end_of(const struct fdsets *fds)
{
    u32 words = WORDS_OF(fds->n), end;

    while (words && !in_any(fds, words - 1))
        words--;
    if (!words)
        return 0;
    end = (words - 1) * 64;
    for (u64 left = in_any(fds, words - 1); left; left >>= 1)
        end++;
    return end;
}

/* Takes a reference to the file of each descriptor in the sets. */
static int get_files(const struct fdsets *fds, struct pollset *set)
{
    for (u32 w = 0; w < WORDS_OF(fds->n); w++)
        for (u64 left = in_any(fds, w); left; left &= left - 1) {
            u32 bit = (u32)__builtin_ctzl(left);
            struct pollset *p = &set[w * 64 + bit];
            p->file = fd_get(w * 64 + bit);
            if (!p->file)
                return -EBADF;
            if (p->file->flags & O_PATH)
                p->revents = POLLNVAL;
            for (int k = 0; k < 3; k++)
                if (fds->bits[k][w] >> bit & 1)
                    p->events |= asks[k];
        }
    return 0;
}

/* Stores the bits of ready descriptors. Returns how many bits, or -EFAULT. */
static int put_fdsets(struct fdsets *fds, const struct pollset *set,
                      const u64 *user)
{
    u32 words = WORDS_OF(fds->n);
    int ready = 0;

    for (int k = 0; k < 3; k++) {
        for (u32 w = 0; w < words; w++)
            for (u64 left = fds->bits[k][w]; left; left &= left - 1) {
                u32 bit = (u32)__builtin_ctzl(left);
                if (set[w * 64 + bit].revents & answers[k])
                    ready++;
                else
                    fds->bits[k][w] &= ~(1ul << bit);
            }
        if (user[k] && copyout(user[k], fds->bits[k], words * 8))
            return -EFAULT;
    }
    return ready;
}

/* Polls the descriptors in the sets, which have their memory. */
static int select_files(struct fdsets *fds, const u64 *user, u64 deadline)
{
    int ready = get_fdsets(fds, user);
    if (ready)
        return ready;
    u32 end = end_of(fds);
    struct pollset few[FEW], *set = new_set(few, end);
    if (!set)
        return -ENOMEM;
    ready = get_files(fds, set);
    if (!ready)
        ready = poll_wait(set, end, deadline);
    if (ready >= 0)
        ready = put_fdsets(fds, set, user);
    put_files(set, few, end);
    return ready;
}

/* A set may name descriptors beyond the table, which are ignored (Linux 6.12,
 * fs/select.c: core_sys_select). */
s64 sys_pselect6(struct sysargs *a)
{
    u64 deadline, sig[2] = {0, 0};
    struct fdsets fds;

    int err = a->a[5] ? copyin(sig, a->a[5], sizeof(sig)) : 0;
    if (!err)
        err = get_deadline(a->a[4], &deadline);
    if (!err)
        err = set_mask(sig[0], sig[1]);
    if (err)
        return err;
    if ((s32)a->a[0] < 0)
        return outcome(-EINVAL, a->a[4], deadline);
    fds.n = MIN((u32)a->a[0], fd_table_size(current->files));
    u32 words = WORDS_OF(fds.n);
    u64 *bits =
        words > WORDS ? kmalloc_wait(3 * words * sizeof *bits) : fds.few;
    for (u32 k = 0; k < 3; k++)
        fds.bits[k] = bits + k * words;
    int ready = bits ? select_files(&fds, &a->a[1], deadline) : -ENOMEM;
    kfree(bits != fds.few ? bits : NULL);
    return outcome(ready, a->a[4], deadline);
}
