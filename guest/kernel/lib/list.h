/* SPDX-License-Identifier: MIT */
/* Circular doubly linked lists: a head and its entries have one type, and an
 * entry that is on no list points to itself (so that a second list_del is
 * harmless and list_empty(&entry) is then true). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next, *prev;
};

#define LIST_INIT(name)                                                        \
    {                                                                          \
        &(name), &(name)                                                       \
    }

static inline void list_init(struct list *l)
{
    l->next = l->prev = l;
}

static inline void list_insert(struct list *l, struct list *before)
{
    l->prev = before->prev;
    l->next = before;
    before->prev->next = l;
    before->prev = l;
}

/* Inserts l at the front of the list `head`. */
static inline void list_add(struct list *l, struct list *head)
{
    list_insert(l, head->next);
}

/* Inserts l at the end of the list `head`. */
static inline void list_add_tail(struct list *l, struct list *head)
{
    list_insert(l, head);
}

static inline void list_del(struct list *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
    list_init(l);
}

static inline bool list_empty(const struct list *head)
{
    return head->next == head;
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first_entry(head, type, member)                                   \
    container_of((head)->next, type, member)

#define list_for_each_entry(pos, head, member)                                 \
    for (pos = container_of((head)->next, __typeof__(*pos), member);           \
         &pos->member != (head);                                               \
         pos = container_of(pos->member.next, __typeof__(*pos), member))

/* As list_for_each_entry, if the loop's body may remove pos. */
#define list_for_each_entry_safe(pos, tmp, head, member)                       \
    for (pos = container_of((head)->next, __typeof__(*pos), member),           \
        tmp = container_of(pos->member.next, __typeof__(*pos), member);        \
         &pos->member != (head); pos = tmp,                                    \
        tmp = container_of(tmp->member.next, __typeof__(*tmp), member))
