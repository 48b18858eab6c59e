/* SPDX-License-Identifier: MIT */
#include "vm/uaccess.h"
#include "task/proc.h"
#include "vm/pte.h"
#include "vm/vm.h"

/* Returns the direct-map address of user address va in s, after making it
 * accessible and setting A and D as the hardware would; NULL if the access is
 * illegal or fails, or va belongs to a device. => may sleep */
static char *user_page(struct space *s, u64 va, bool write)
{
    u64 need = PTE_V | PTE_U | (write ? PTE_W : PTE_R);
    for (;;) {
        if (va >= USER_TOP || !s->root)
            return NULL;
        u64 *slot = pte_find(s, va);
        if (slot && (*slot & need) == need) {
            if (*slot & LENS_PTE_DEVICE)
                return NULL; /* the kernel does not copy from devices */
            *slot |= PTE_A | (write ? PTE_D : 0);
            return (char *)pa_va(pte_pa(pte_small(*slot, va))) + va % PAGE_SIZE;
        }
        if (vm_fault(s, va, write ? VMA_W : VMA_R, NULL, NULL) < 0)
            return NULL;
    }
}

static size_t in_page(u64 va, size_t n)
{
    return MIN(n, PAGE_SIZE - va % PAGE_SIZE);
}

int space_copyin(struct space *s, void *to, u64 from, size_t n)
{
    for (char *k = to; n;) {
        size_t part = in_page(from, n);
        const char *p = user_page(s, from, false);
        if (!p)
            return -EFAULT;
        memcpy(k, p, part);
        k += part;
        from += part;
        n -= part;
    }
    return 0;
}

int copyin(void *to, u64 from_user, size_t n)
{
    return space_copyin(current->space, to, from_user, n);
}

int copyout(u64 to, const void *from, size_t n)
{
    for (const char *k = from; n;) {
        size_t part = in_page(to, n);
        char *p = user_page(current->space, to, true);
        if (!p)
            return -EFAULT;
        memcpy(p, k, part);
        k += part;
        to += part;
        n -= part;
    }
    return 0;
}

int clear_user(u64 user, size_t n)
{
    while (n) {
        size_t part = in_page(user, n);
        char *p = user_page(current->space, user, true);
        if (!p)
            return -EFAULT;
        memset(p, 0, part);
        user += part;
        n -= part;
    }
    return 0;
}

int copyin_str(char *k, u64 user, size_t max)
{
    for (size_t done = 0; done < max;) {
        size_t part = in_page(user, max - done);
        const char *p = user_page(current->space, user, false);
        if (!p)
            return -EFAULT;
        size_t n = strnlen(p, part);
        memcpy(k + done, p, n);
        done += n;
        if (n < part) {
            k[done] = '\0';
            return (int)done;
        }
        user += part;
    }
    return -ENAMETOOLONG;
}

int user_window(u64 uva, bool write, void **kva, size_t *n)
{
    *kva = user_page(current->space, uva, write);
    *n = PAGE_SIZE - uva % PAGE_SIZE;
    return *kva ? 0 : -EFAULT;
}
