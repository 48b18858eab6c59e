/* SPDX-License-Identifier: MIT */
/* Futexes are words in memory that tasks wait on (Linux 6.12, kernel/futex/;
 * without priority inheritance).
 *
 * A word in private memory is identified by its address space and virtual
 * address, so that a copy made by fork is another word; a word in shared memory
 * by its object and its place there, so that it is one word for all processes,
 * even if its page is written to swap or cut off and made again. (If an object
 * ends while tasks wait on its words, because one of them has unmapped it, and
 * another gets its address, they may be woken in vain, as futex(2) allows.) */
#include "proc/futex.h"
#include "vm/pte.h"
#include "vm/space.h"
#include "vm/uaccess.h"

#include <linux/futex.h>

#define ROBUST_LIMIT 2048 /* entries; a list may be circular */

struct key {
    const void *of; /* struct space or struct vm_object */
    u64 at;         /* virtual address, or byte in the object; | UNOWNED */
};
#define UNOWNED 1u /* in private memory, but the caller did not say so */

struct futex_waiter {
    struct list link;
    struct key key;
    u32 bits;
    bool woken;
    bool wall; /* its deadline is a time of the wall clock */
    struct waitq q;
};

static struct list waiters = LIST_INIT(waiters);

static bool same_key(struct key a, struct key b)
{
    return a.of == b.of && a.at == b.at;
}

/* Sets the key of the word at uva and, if `word` is not NULL, *word to its
 * place in the direct map. own: the caller says that only this process waits
 * there, and for the key nobody looks at the memory. Otherwise the word may be
 * in a read-only mapping of an object unless `write`; in a writable mapping, a
 * page that a write would replace is replaced now; a page of a file in a
 * private mapping has the file's key (Linux 6.12: get_futex_key). 0, -EINVAL,
 * -EFAULT.
 * => sleeps, before it finds *word */
static int find_key(u64 uva, bool write, bool own, struct key *key, u32 **word)
{
    struct space *s = current->space;
    const struct vma *v = own ? NULL : vma_find(s, uva);
    bool fixed = own || (v && v->object && !(v->lens.flags & VMA_W));
    void *kva;
    size_t n;
    if (uva % 4 || uva >= USER_TOP)
        return uva % 4 ? -EINVAL : -EFAULT;
    *key = (struct key){s, uva | (own ? 0 : UNOWNED)};
    if (own && !word)
        return 0;
    if (user_window(uva, write || !fixed, &kva, &n))
        return -EFAULT;
    if (word)
        *word = kva;
    v = own ? NULL : vma_find(s, uva);
    if (v && v->object &&
        ((v->lens.flags & VMA_SHARED) || !page_is_anon(va_to_page(kva))))
        *key = (struct key){v->object, v->lens.offset + (uva - v->lens.start)};
    return 0;
}

int futex_wait(u64 uva, u32 expected, u64 deadline, bool wall, u32 bits,
               bool own)
{
    struct futex_waiter w = {.bits = bits, .wall = wall};
    u32 *word;
    if (!bits)
        return -EINVAL;
    int err = find_key(uva, false, own, &w.key, &word);
    if (err)
        return err;
    if (*(volatile u32 *)word != expected)
        return -EAGAIN;
    waitq_init(&w.q);
    list_add_tail(&w.link, &waiters);
    while (!w.woken && !err)
        err = sleep_until(deadline_now(deadline, wall), &w.q);
    list_del(&w.link);
    return w.woken ? 0 : err;
}

void futex_clock_set(void)
{
    struct futex_waiter *w;
    list_for_each_entry(w, &waiters, link) if (w->wall) wake_up(&w->q);
}

static u32 wake_key(struct key key, s32 max, u32 bits)
{
    struct futex_waiter *w;
    u32 n = 0;
    list_for_each_entry(w, &waiters, link)
    {
        if (!same_key(w->key, key) || !(w->bits & bits) || w->woken)
            continue;
        w->woken = true;
        wake_up(&w->q);
        if ((s32)++n >= max)
            break;
    }
    return n;
}

int futex_wake(u64 uva, u32 max, u32 bits, bool own)
{
    struct key key;
    if (!bits)
        return -EINVAL;
    int err = find_key(uva, false, own, &key, NULL);
    return err ? err : (int)wake_key(key, (s32)max, bits);
}

int futex_requeue(u64 uva, u64 other, u32 wake, u32 move, const u32 *expected,
                  bool own)
{
    struct futex_waiter *w, *next;
    struct key from, to;
    u32 *word;
    int err = find_key(uva, false, own, &from, NULL);
    if (!err)
        err = find_key(other, false, own, &to, NULL);
    if (!err && expected)
        err = find_key(uva, false, own, &from, &word);
    if (err)
        return err;
    if (expected && *(volatile u32 *)word != *expected)
        return -EAGAIN;
    u32 woken = wake ? wake_key(from, (s32)wake, ~0u) : 0, moved = 0;
    list_for_each_entry_safe(w, next, &waiters, link)
    {
        if (moved == move || !same_key(w->key, from) || w->woken)
            continue;
        w->key = to;
        moved++;
    }
    return (int)(woken + moved);
}

/* Changes the word as op says. Returns 1 if its old value fulfils the
 * comparison in op, else 0; or -ENOSYS. */
static int operate(u32 *word, u32 op)
{
    enum { SET, ADD, OR, ANDN, XOR };
    enum { EQ, NE, LT, LE, GT, GE };
    s32 arg = (s32)(op << 8) >> 20, cmp = (s32)(op << 20) >> 20;
    u32 what = op >> 28 & 7, value = *word;
    s32 old = (s32)value;
    u32 by = op >> 31 ? 1u << (arg & 31) : (u32)arg;
    if (what > XOR || (op >> 24 & 15) > GE)
        return -ENOSYS;
    *word = what == SET    ? by
            : what == ADD  ? value + by
            : what == OR   ? value | by
            : what == ANDN ? value & ~by
                           : value ^ by;
    switch (op >> 24 & 15) {
    case EQ:
        return old == cmp;
    case NE:
        return old != cmp;
    case LT:
        return old < cmp;
    case LE:
        return old <= cmp;
    case GT:
        return old > cmp;
    default:
        return old >= cmp;
    }
}

int futex_wake_op(u64 uva, u64 other, u32 wake, u32 wake2, u32 op, bool own)
{
    struct key from, to;
    u32 *word;
    int err = find_key(uva, false, own, &from, NULL);
    if (!err)
        err = find_key(other, true, own, &to, &word);
    if (err)
        return err;
    int held = operate(word, op);
    if (held < 0)
        return held;
    u32 n = wake_key(from, (s32)wake, ~0u);
    return (int)(n + (held ? wake_key(to, (s32)wake2, ~0u) : 0));
}

/* Marks a lock of the ending task. pending: the task was about to take or to
 * release it. */
static void owner_died(const struct proc *me, u64 uva, bool pending)
{
    struct key key;
    u32 *word;
    if (find_key(uva, true, false, &key, &word))
        return;
    u32 value = *word;
    if (pending && !value) { /* released, but no waiter was woken */
        wake_key(key, 1, ~0u);
        return;
    }
    if ((value & FUTEX_TID_MASK) != me->lens.pid)
        return;
    *word = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
    if (value & FUTEX_WAITERS)
        wake_key(key, 1, ~0u);
}

/* Marks the task's locks: struct robust_list_head has the first entry, the
 * offset from an entry to its word, and the pending entry. Bit 0 of a pointer
 * means priority inheritance. */
static void robust_leave(const struct proc *me)
{
    u64 head[3], at, next;
    if (copyin(head, me->robust_list, sizeof head))
        return;
    u64 offset = head[1], pending = head[2] & ~1ul;
    at = head[0] & ~1ul;
    for (u32 n = 0; at != me->robust_list && n < ROBUST_LIMIT; n++) {
        bool bad = copyin(&next, at, 8);
        if (at != pending)
            owner_died(me, at + offset, false);
        if (bad)
            return;
        at = next & ~1ul;
    }
    if (pending)
        owner_died(me, pending + offset, true);
}

void futex_leave(struct proc *me)
{
    if (me->space && me->robust_list)
        robust_leave(me);
    me->robust_list = 0;
    if (me->space && me->clear_tid && me->space->users > 1) {
        u32 zero = 0;
        if (!copyout(me->clear_tid, &zero, sizeof zero))
            futex_wake(me->clear_tid, 1, ~0u, false);
    }
    me->clear_tid = 0;
}
