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
    u64 at;         /* virtual address, or byte in the object */
};

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

/* Finds the word at uva, for writing or only reading: sets *key, and *word to
 * its current address in the direct map. own: only this process waits there. A
 * page of a file in a private mapping that is not own has the file's key. 0,
 * -EINVAL, -EFAULT. */
static int futex_word(u64 uva, bool write, bool own, u32 **word,
                      struct key *key)
{
    struct space *s = current->space;
    void *kva;
    size_t n;
    if (uva % 4)
        return -EINVAL;
    if (user_window(uva, write, &kva, &n))
        return -EFAULT;
    const struct vma *v = vma_find(s, uva);
    bool of_object = v && v->object &&
                     ((v->lens.flags & VMA_SHARED) ||
                      (!own && !page_is_anon(va_to_page(kva))));
    *key = of_object
               ? (struct key){v->object, v->lens.offset + (uva - v->lens.start)}
               : (struct key){s, uva};
    *word = kva;
    return 0;
}

/* Like futex_word, for a call that does not change the word. The word may be in
 * a read-only mapping, unless the mapping is anonymous and the futex is shared
 * (Linux 6.12: get_futex_key). In a writable mapping, a page that a write would
 * replace is replaced now, before its address becomes a key. */
static int futex_word_seen(u64 uva, bool own, u32 **word, struct key *key)
{
    const struct vma *v = vma_find(current->space, uva);
    bool fixed = v && !(v->lens.flags & VMA_W) && (own || v->object);
    return futex_word(uva, !fixed, own, word, key);
}

int futex_wait(u64 uva, u32 expected, u64 deadline, bool wall, u32 bits,
               bool own)
{
    struct futex_waiter w = {.bits = bits, .wall = wall};
    u32 *word;
    if (!bits)
        return -EINVAL;
    int err = futex_word_seen(uva, own, &word, &w.key);
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
    u32 *word;
    if (!bits)
        return -EINVAL;
    int err = futex_word_seen(uva, own, &word, &key);
    if (err == -EFAULT && own && uva < USER_TOP)
        return 0; /* the memory may be gone */
    return err ? err : (int)wake_key(key, (s32)max, bits);
}

/* Returns a number that every sleep or fault changes; after either, a page that
 * was looked up before may be gone. */
static u64 moments(void)
{
    const struct proc *me = current;
    return me->nvcsw + me->nivcsw + me->min_flt + me->maj_flt;
}

/* Finds both words, again if the first may have been evicted while a fault read
 * the second. */
static int two_words(u64 uva, u64 other, u32 **word, struct key *from,
                     u32 **word2, struct key *to)
{
    int err;
    u64 before;
    do {
        err = futex_word(uva, true, true, word, from);
        before = moments();
        if (!err)
            err = futex_word(other, true, true, word2, to);
    } while (!err && moments() != before);
    return err;
}

int futex_requeue(u64 uva, u64 other, u32 wake, u32 move, const u32 *expected)
{
    struct futex_waiter *w, *next;
    struct key from, to;
    u32 *word, *word2;
    int err = two_words(uva, other, &word, &from, &word2, &to);
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

int futex_wake_op(u64 uva, u64 other, u32 wake, u32 wake2, u32 op)
{
    struct key from, to;
    u32 *word, *word2;
    int err = two_words(uva, other, &word, &from, &word2, &to);
    if (err)
        return err;
    int held = operate(word2, op);
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
    if (futex_word(uva, true, true, &word, &key))
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
