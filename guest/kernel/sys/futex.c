/* SPDX-License-Identifier: MIT */
/* futex(2): wait and wake, by physical address, so that processes which
 * share a page meet. (glibc aborts where the call does not exist.) */
#include "proc/sched.h"
#include "sys/syscall.h"
#include "vm/object.h"
#include "vm/uaccess.h"

enum { FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_BITSET = 9, FUTEX_WAKE_BITSET };
#define FUTEX_CMD_MASK       0x7fu
#define FUTEX_CLOCK_REALTIME 0x100u

struct futex_waiter {
    struct list link;
    u64 key; /* physical address of the word */
    u32 bits;
    bool woken;
    struct waitq q;
};

static struct list waiters = LIST_INIT(waiters);

/* The word's value and its place. Writing makes it ours for good: a private
 * page that is still shared after fork is another page in each process. */
static int futex_word(u64 uva, u32 *value, u64 *key)
{
    void *kva;
    size_t n;
    if (uva % 4)
        return -EINVAL;
    if (user_window(uva, true, &kva, &n))
        return -EFAULT;
    *value = *(volatile u32 *)kva;
    *key = va_pa(kva);
    return 0;
}

static s64 futex_wait(u64 uva, u32 expected, u64 timeout, u32 op, u32 bits)
{
    struct futex_waiter w = {.bits = bits};
    u64 ns, deadline = NEVER;
    u32 value;
    if (!bits)
        return -EINVAL;
    if (timeout) {
        int err = copyin_timespec(&ns, timeout);
        if (err)
            return err;
        deadline = now_ns() + ns;
        if ((op & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET) {
            u64 now = op & FUTEX_CLOCK_REALTIME ? wall_ns() : now_ns();
            deadline = now_ns() + (ns > now ? ns - now : 0);
        }
    }
    int err = futex_word(uva, &value, &w.key);
    if (err)
        return err;
    if (value != expected)
        return -EAGAIN;
    struct page *page = pa_to_page(w.key);
    page->frame.pins++; /* the key stays good */
    waitq_init(&w.q);
    list_add_tail(&w.link, &waiters);
    while (!w.woken && !err)
        err = sleep_until(deadline, &w.q);
    list_del(&w.link);
    page_put(page);
    return w.woken ? 0 : err;
}

static s64 futex_wake(u64 uva, u32 max, u32 bits)
{
    struct futex_waiter *w;
    u64 key;
    u32 value, n = 0;
    if (!bits)
        return -EINVAL;
    int err = futex_word(uva, &value, &key);
    if (err)
        return err;
    list_for_each_entry(w, &waiters, link)
    {
        if (n == max)
            break;
        if (w->key != key || !(w->bits & bits) || w->woken)
            continue;
        w->woken = true;
        wake_up(&w->q);
        n++;
    }
    return n;
}

s64 sys_futex(struct sysargs *a)
{
    u32 op = (u32)a->a[1];
    switch (op & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
        return futex_wait(a->a[0], (u32)a->a[2], a->a[3], op, ~0u);
    case FUTEX_WAIT_BITSET:
        return futex_wait(a->a[0], (u32)a->a[2], a->a[3], op, (u32)a->a[5]);
    case FUTEX_WAKE:
        return futex_wake(a->a[0], (u32)a->a[2], ~0u);
    case FUTEX_WAKE_BITSET:
        return futex_wake(a->a[0], (u32)a->a[2], (u32)a->a[5]);
    default:
        return -ENOSYS;
    }
}
