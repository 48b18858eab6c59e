/* SPDX-License-Identifier: MIT */
/* A part of exec.c: hart/semantics.def's words for privileged instructions,
 * fences, waiting and CSRs. */

#define NOT_USER                                                               \
    do {                                                                       \
        if (h->priv == PRV_U)                                                  \
            ILLEGAL;                                                           \
    } while (0)
#define FENCE                                                                  \
    do {                                                                       \
        if (TIMED && unlikely(*e->quick.busy_until)) {                         \
            SAVE();                                                            \
            data_fence(e);                                                     \
            RELOAD();                                                          \
        }                                                                      \
        FOLLOW_LAST(fall, fall_lost);                                          \
    } while (0)
#define FENCEI FENCE /* decoded code is never stale */

#define XRET(function)                                                         \
    do {                                                                       \
        SAVE();                                                                \
        if (!function(h))                                                      \
            ILLEGAL_SAVED;                                                     \
        u64 pc_ = h->pc;                                                       \
        block_unwind(e, UNWIND_AFTER);                                         \
        h->pc = pc_;                                                           \
        e->context_dirty = true;                                               \
        goto elsewhere;                                                        \
    } while (0)
/* These go back to the run loop. */
#define WFI                                                                    \
    do {                                                                       \
        SAVE();                                                                \
        if (!hart_wfi_allowed(h))                                              \
            ILLEGAL_SAVED;                                                     \
        block_unwind(e, UNWIND_AFTER);                                         \
        h->wfi = !(hart_pending(h) & h->mie);                                  \
        h->wake_at = ~0ull;                                                    \
        return EXEC_ON;                                                        \
    } while (0)
#define WRS(kind)                                                              \
    do {                                                                       \
        bool waits_;                                                           \
        SAVE();                                                                \
        engine_now(e);                                                         \
        waits_ = h->reservation != ~0ull && !(hart_pending(h) & h->mie);       \
        if (waits_ && !hart_wrs_allowed(h, kind))                              \
            ILLEGAL_SAVED;                                                     \
        block_unwind(e, UNWIND_AFTER);                                         \
        h->wfi = waits_;                                                       \
        h->wake_at =                                                           \
            h->cycle + ((kind) == WRS_STO ? WRS_STO_CYCLES : WRS_NTO_CYCLES);  \
        return EXEC_ON;                                                        \
    } while (0)
#define HINT (void)0
#define SFENCE                                                                 \
    do {                                                                       \
        SAVE();                                                                \
        if (!hart_sfence_allowed(h))                                           \
            ILLEGAL_SAVED;                                                     \
        mmu_sfence(e->mmu, RS1, X(RS1), RS2, (u16)X(RS2));                     \
        if (TIMED)                                                             \
            data_fence(e);                                                     \
        block_unwind(e, UNWIND_AFTER);                                         \
        goto elsewhere;                                                        \
    } while (0)

#define CSR(reads, writes, new)                                                \
    do {                                                                       \
        unsigned csr_ = (unsigned)IMM & 0xfff, effects_ = 0;                   \
        u64 value_ = 0, old = 0;                                               \
        SAVE();                                                                \
        engine_now(e);                                                         \
        if (reads)                                                             \
            effects_ |= hart_csr_read(h, csr_, &value_);                       \
        if ((writes) && !(effects_ & HE_TRAP)) {                               \
            old = hart_csr_base(h, csr_, value_);                              \
            (void)old;                                                         \
            effects_ |= hart_csr_write(h, csr_, (new));                        \
        }                                                                      \
        if (effects_ & HE_TRAP)                                                \
            ILLEGAL_SAVED;                                                     \
        SETX(value_);                                                          \
        if (effects_ && engine_effects(e, csr_, effects_)) {                   \
            block_unwind(e, UNWIND_AFTER);                                     \
            goto elsewhere;                                                    \
        }                                                                      \
        RELOAD();                                                              \
        FOLLOW_LAST(fall, fall_lost);                                          \
    } while (0)
