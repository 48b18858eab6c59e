/* SPDX-License-Identifier: MIT */
/* A part of exec.c: hart/semantics.def's words for memory. What is a hit is
 * done here; so is, of what is none, a miss that the L2 serves. */

/* Entry of the host TLB for an address; and the tag it must have there:
 * the page, and no bit below the alignment. */
#define HOST_PAGE_AT(va)                                                       \
    ((const struct host_page *)(tlb + ((va) >> (PAGE_SHIFT - 5) &              \
                                       ((HOST_PAGES_USED(TIMED) - 1u) << 5))))
#define HOST_PAGE_TAG(va, type)                                                \
    ((va) & (~(PAGE_BYTES - 1) | (sizeof(type) - 1)))
#define LINE_BIT(map, va) ((map) >> ((va) >> LINE_SHIFT & 63) & 1)
static_assert(sizeof(struct host_page) == 1 << 5, "HOST_PAGE_AT shifts by 5");

/* An access of a fused piece that follows one of the same direction, at least
 * as large and with the same base register (fuse.def: near): mostly in the same
 * page, and then the same entry serves. Not 0: it is not, or misaligned. */
#define FAR_BITS(va, type)                                                     \
    (((va) ^ near_va) & (~(PAGE_BYTES - 1) | (sizeof(type) - 1)))

/* The entry for an access of the body, which may be the last one's. */
#define HOST_PAGE_OF(va, type)                                                 \
    ({                                                                         \
        const struct host_page *of_ = IS_NEAR ? near_page : HOST_PAGE_AT(va);  \
        if (IS_NEAR && unlikely(FAR_BITS(va, type)))                           \
            goto not_near;                                                     \
        near_va = (va);                                                        \
        near_page = of_;                                                       \
    })

/* A line that is not in L1D, or is clean there and a store comes. What can be
 * had again need not be kept over the call. */
#define MISS(missed, soft, va, store)                                          \
    do {                                                                       \
        if (IS_X) {                                                            \
            s64 left_ = missed(e, (soft)->lines, (va), budget);                \
            tlb = (const char *)e->host_tlb;                                   \
            base_reg = x[RS1];                                                 \
            if (unlikely(left_ < 0))                                           \
                goto asks;                                                     \
            budget = left_;                                                    \
        } else {                                                               \
            ASK_LINE(soft, va, store);                                         \
        }                                                                      \
    } while (0)
#define ASK_LINE(soft, va, store)                                              \
    do {                                                                       \
        SAVE();                                                                \
        OUTCOME(data_line(e, soft, va, store));                                \
    } while (0)

#if TIMED
#define DATA_LOAD  data_load_cycle
#define DATA_STORE data_store_cycle
#else
#define DATA_LOAD  data_load_fast
#define DATA_STORE data_store_fast
#endif

/* Integer loads and stores that are no hit are done elsewhere, and the next
 * record follows: one place for all keeps the function small enough for gcc to
 * allocate registers with care. Others, few, do all of it themselves. */
#define LOAD(type, address)                                                    \
    ({                                                                         \
        u64 a_ = (address);                                                    \
        type v_;                                                               \
        const struct host_page *t_ = HOST_PAGE_OF(a_, type);                   \
        if (IS_NEAR || likely(t_->load == HOST_PAGE_TAG(a_, type))) {          \
            if (TIMED && unlikely(!LINE_BIT(t_->lines->rd_ok, a_)))            \
                MISS(load_missed, t_, a_, false);                              \
            v_ = *(const type *)(uintptr_t)(t_->host + a_);                    \
        } else if (IS_X) {                                                     \
            goto not_known;                                                    \
        } else {                                                               \
            u64 w_ = 0;                                                        \
            SAVE();                                                            \
            OUTCOME(DATA_LOAD(e, a_, sizeof(type), &w_));                      \
            v_ = (type)w_;                                                     \
        }                                                                      \
        v_;                                                                    \
    })

#define STORE(type, address, value)                                            \
    do {                                                                       \
        u64 a_ = (address);                                                    \
        type v_ = (type)(value);                                               \
        const struct host_page *t_ = HOST_PAGE_OF(a_, type);                   \
        if (IS_NEAR || likely(t_->store == HOST_PAGE_TAG(a_, type))) {         \
            if (TIMED && unlikely(!LINE_BIT(t_->lines->wr_ok, a_)))            \
                MISS(store_missed, t_, a_, true);                              \
            if (!TIMED && unlikely(*t_->code) && LINE_BIT(*t_->code, a_)) {    \
                if (IS_X)                                                      \
                    goto asks;                                                 \
                ASK_LINE(t_, a_, true);                                        \
            }                                                                  \
            *(type *)(uintptr_t)(t_->host + a_) = v_;                          \
        } else if (IS_X) {                                                     \
            goto not_known;                                                    \
        } else {                                                               \
            SAVE();                                                            \
            OUTCOME(DATA_STORE(e, a_, sizeof(type), (u64)v_));                 \
        }                                                                      \
    } while (0)

#define LR(type, address)                                                      \
    ({                                                                         \
        u64 w_ = 0;                                                            \
        SAVE();                                                                \
        OUTCOME(data_lr(e, (address), sizeof(type), &w_));                     \
        (type) w_;                                                             \
    })
#define SC(type, address, value)                                               \
    ({                                                                         \
        u64 failed_ = 0;                                                       \
        SAVE();                                                                \
        OUTCOME(data_sc(e, (address), sizeof(type), (u64)(type)(value),        \
                        &failed_));                                            \
        failed_;                                                               \
    })
#define AMO(type, address, expression)                                         \
    ({                                                                         \
        void *p_ = NULL;                                                       \
        SAVE();                                                                \
        OUTCOME(data_amo(e, (address), sizeof(type), &p_));                    \
        type old = *(type *)p_, src = (type)X(RS2);                            \
        type new_ = (type)(expression);                                        \
        (void)src;                                                             \
        *(type *)p_ = new_;                                                    \
        data_amo_done(e, (u64)new_);                                           \
        AFTER_CALL();                                                          \
        old;                                                                   \
    })

#define CBO(operation)                                                         \
    do {                                                                       \
        SAVE();                                                                \
        if (!hart_cbo_allowed(h, operation))                                   \
            ILLEGAL_SAVED;                                                     \
        OUTCOME(data_cbo(e, X(RS1), operation));                               \
    } while (0)
