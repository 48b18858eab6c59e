/* SPDX-License-Identifier: MIT */
/* Verbs that make or step a page walk, and that list page tables and TLBs. */
#include "inspect/frames.h"
#include "inspect/kernel.h"
#include "inspect/parts.h"
#include "inspect/process.h"
#include "inspect/walk.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

/* Writes "DAGUXWRV" with a dash for each clear bit, or "V clear" alone: without
 * V the hart ignores all other bits, which are the kernel's (a swap entry) and
 * no flags. */
static const char *flags_text(u64 pte, char buf[9])
{
    static const char letters[] = "DAGUXWRV";
    if (!(pte & PTE_V)) {
        snprintf(buf, 9, "V clear");
        return buf;
    }
    for (unsigned i = 0; i < 8; i++)
        buf[i] = pte >> (7 - i) & 1 ? letters[i] : '-';
    buf[8] = 0;
    return buf;
}

/* Writes bits 63..61 of a leaf as "", " 64K", " NC", " 64K IO" ... */
static const char *upper_text(bool napot, unsigned type, char buf[12])
{
    snprintf(buf, 12, "%s%s%s", napot ? " 64K" : "", type ? " " : "",
             inspect_memory_type(type));
    return buf;
}

static void json_type(struct json *j, const char *type)
{
    json_str(j, "type", *type ? type : "PMA");
}

static unsigned vpn_field(u64 va, unsigned level)
{
    return (unsigned)(va >> (PAGE_SHIFT + 9 * level) & 511);
}

/* ---- walk ------------------------------------------------------------ */

/* Writes the walk's mode: "user mode", "supervisor mode, SUM 0 (so pages of
 * programs, U set, are refused)". */
static const char *mode_text(const struct walk *w, char buf[100])
{
    if (w->ctx.priv == PRV_U)
        snprintf(buf, 100, "user mode");
    else
        snprintf(buf, 100, "supervisor mode, SUM %d%s", w->ctx.sum,
                 w->ctx.sum ? ""
                            : " (so pages of programs, U set, are refused)");
    return buf;
}

static const char *access_text(const struct walk *w)
{
    return w->access == ACC_STORE   ? "store"
           : w->access == ACC_FETCH ? "fetch"
                                    : "load";
}

/* Returns the pid whose page tables were walked; 0: not known. */
static u64 tables_owner(struct session *s, const struct walk *w)
{
    struct ins_proc p[256];
    unsigned n = inspect_procs(s->m, p, ARRAY_LEN(p));
    for (unsigned i = 0; i < n; i++)
        if (p[i].satp == w->ctx.satp)
            return p[i].pid;
    return 0;
}

/* The answer to an access that a mapping does not allow: the program's
 * own, or the kernel's, which happens in a system call. */
#define SIGNAL " (SIGSEGV)"
#define ERROR                                                                  \
    " (the system call fails with EFAULT; the program's own access: SIGSEGV)"

/* Returns what the kernel does if the mapping's rights do not allow the walk's
 * access; "": they do. A mapping that may be written may be read, too. */
static const char *refused(const struct ins_vma *v, const struct walk *w)
{
    static const struct {
        u32 needs; /* one of these rights */
        const char *program, *kernel;
    } of[] = {
#define NO(what, needs)                                                        \
    {needs, "the mapping allows no " what SIGNAL,                              \
     "the mapping allows no " what ERROR}
        [ACC_LOAD] = NO("load", VMA_R | VMA_W),
        [ACC_STORE] = NO("store", VMA_W),
        [ACC_FETCH] = NO("fetch", VMA_X),
#undef NO
    };
    return v->flags & of[w->access].needs ? ""
           : w->ctx.priv == PRV_U         ? of[w->access].program
                                          : of[w->access].kernel;
}

static void not_present(struct session *s, const struct walk *w, u64 pid,
                        u64 pte, char *buf, size_t n)
{
    struct ins_vma v;
    u64 who = pid ? pid : tables_owner(s, w);
    u32 slot = inspect_pte_slot(s->m, pte);
    bool in_vma = who && inspect_vma_at(s->m, (u32)who, w->va, &v);
    const char *no = in_vma ? refused(&v, w) : "";
    if (inspect_tables_known(s->m) && slot != INS_NO_SLOT)
        snprintf(buf, n, "not present: the page is in swap, slot %u%s%s", slot,
                 *no ? "; " : "", no);
    else if (in_vma)
        snprintf(buf, n,
                 "not present: in a mapping of pid %llu (%s), but not touched "
                 "yet, or dropped; %s%s",
                 who,
                 *v.name               ? v.name
                 : v.flags & VMA_STACK ? "stack"
                 : v.flags & VMA_HEAP  ? "heap"
                                       : "anonymous",
                 *no ? no : "the fault brings the page",
                 v.flags & VMA_FILE && !*no
                     ? ", or SIGBUS if the file ends before it"
                     : "");
    else if (who)
        snprintf(buf, n,
                 "not present: no mapping of pid %llu has this "
                 "address",
                 who);
    else
        snprintf(buf, n, "not present: V is clear");
}

/* Says how to walk as the process, if the page is a program's and the machine
 * stands in the kernel. */
static const char *as_process(struct session *s, const struct walk *w,
                              char *buf, size_t n)
{
    u64 who = tables_owner(s, w);
    if (!who)
        return "; walk VA PID asks as the process";
    snprintf(buf, n,
             ": the machine stands in the kernel, the page is pid %llu's (walk "
             "VA PID: walk 0x%llx %llu asks as the process)",
             who, w->va, who);
    return buf;
}

/* Says why the kernel cleared U of a page in a program's mapping: the mapping
 * allows nothing, or a fault shall report the page's next use (lru under an
 * RLIMIT_RSS). "": not known. pid 0: the owner of w's tables. */
static const char *why_closed(struct session *s, const struct walk *w, u64 pid,
                              char *buf, size_t n)
{
    struct ins_vma v;
    u64 who = pid ? pid : tables_owner(s, w);
    if (!who || !inspect_vma_at(s->m, (u32)who, w->va, &v))
        return (s64)w->va < 0 ? ": it is the kernel's" : "";
    const char *no = refused(&v, w);
    snprintf(buf, n, "%s%s", *no ? ": " : "", no);
    if (!*no && inspect_has_events(s->m))
        snprintf(buf, n,
                 ": the kernel wants to see the page's next use; the fault "
                 "sets U");
    return buf;
}

/* Says how the kernel answers a store to this frame in a shared mapping whose
 * entry has W clear. The frame's dirty flag, and not its state, tells whether
 * the page is dirty: a page that is being written keeps its state until the
 * write has ended. */
static const char *shared_store(const struct ins_frame *f)
{
    return f->state == FS_SHMEM || f->flags & FRAME_F_DIRTY
               ? ": the page is dirty already, the fault only sets W"
           : f->flags & FRAME_F_IO && f->state == FS_FILE_DIRTY
               ? ": the page is being written to its file, the fault makes it "
                 "dirty again and sets W"
               : ": the page is clean, the fault makes it dirty and sets W";
}

/* As shared_store, in a private mapping. */
static const char *private_store(struct session *s, const struct ins_frame *f)
{
    bool anonymous =
        f->state == FS_ANON || f->state == FS_COW || f->state == FS_SWAPCACHE;
    if (f->state == FS_ZEROED)
        return ": the entry maps the zero frame, the fault puts a cleared "
               "frame "
               "in its place (demand zero)";
    if (!anonymous)
        return ": a private mapping's page of a file: copy-on-write, the fault "
               "copies it";
    if (f->users > 1)
        return ": shared copy-on-write: the fault copies it";
    if (inspect_slot_named(s->m, f->pfn))
        return ": another process's entry names the page's slot in swap: the "
               "fault copies it";
    if (f->state == FS_COW)
        return ": copy-on-write, and nobody else has the page any more: the "
               "fault only sets W";
    /* An unmodified Linux may copy such a page, or keep its slot. */
    if (f->state == FS_SWAPCACHE)
        return !inspect_lens_open(s->m) ? ""
               : f->flags & FRAME_F_IO
                   ? ": the page is being written to swap, the fault waits "
                     "until it is there; then the store faults again"
                   : ": the page has a copy in swap, which the store makes "
                     "old: the fault gives up that slot and sets W";
    return ": nobody else has the page, the fault only sets W";
}

/* As private_store, for a page within a leaf of 2 MiB. A leaf stays whole only
 * if all its 512 pages have no other owner. */
static const char *huge_store(struct session *s, const struct ins_frame *f)
{
    if (f->users > 1 || inspect_slot_named(s->m, f->pfn))
        return ": shared copy-on-write: the fault makes 512 small pages of the "
               "page of 2 MiB, and copies this one";
    return f->state != FS_COW && f->state != FS_ANON
               ? ""
               : ": nobody else has this part of the page of 2 MiB: the fault "
                 "sets W (and makes 512 small pages first if others have "
                 "another part)";
}

/* Returns the level of the walk's last entry: 0, or 1 for a leaf of 2 MiB. */
static unsigned leaf_level(const struct walk *w)
{
    unsigned level = 0;
    for (unsigned i = 0; i < w->nsteps; i++)
        if (w->steps[i].kind != STEP_SET_AD && w->steps[i].pte_pa)
            level = (unsigned)w->steps[i].level;
    return level;
}

/* Says how the kernel answers a store that an entry does not allow: it copies,
 * sets W, or sends a signal. "": not known. pid 0: the owner of w's tables. */
static const char *served_store(struct session *s, const struct walk *w,
                                u64 pid, u64 pte)
{
    struct ins_vma v;
    struct ins_frame f;
    u64 who = pid ? pid : tables_owner(s, w), pa = PTE_PPN(pte) << PAGE_SHIFT;
    pa |= w->va & ((PAGE_BYTES << 9 * leaf_level(w)) - 1);
    if (pte & PTE_W || !who || !inspect_vma_at(s->m, (u32)who, w->va, &v))
        return "";
    if (!(v.flags & VMA_W))
        return w->ctx.priv == PRV_U ? ": the mapping is read-only" SIGNAL
                                    : ": the mapping is read-only" ERROR;
    if (pa < RAM_BASE ||
        !inspect_frame(s->m, (pa - RAM_BASE) >> PAGE_SHIFT, &f))
        return "";
    if (leaf_level(w))
        return huge_store(s, &f);
    return v.flags & VMA_SHARED ? shared_store(&f) : private_store(s, &f);
}

static const char *why_fault(struct session *s, const struct walk *w, u64 pid,
                             char *buf, size_t n)
{
    struct ins_walk_fault f = inspect_walk_fault(w);
    char mode[160] = "";
    u64 pte = 0;
    inspect_walk_entry(w, &pte);
    if (f.kind == INS_WALK_ABSENT) {
        not_present(s, w, pid, pte, buf, n);
        return buf;
    }
    snprintf(buf, n, "%s%s", f.why,
             f.kind == INS_WALK_NOT_WRITABLE ? served_store(s, w, pid, pte)
             : f.kind == INS_WALK_OF_USER && !pid
                 ? as_process(s, w, mode, sizeof mode)
             : f.kind == INS_WALK_CLOSED
                 ? why_closed(s, w, pid, mode, sizeof mode)
                 : "");
    return buf;
}

/* Says, after a walk as a load, what a store would meet. */
static void store_text(struct answer *a, const struct walk *w, u64 pid, u64 pte)
{
    if (!(pte & PTE_W))
        say(a, "  a store would fault: W is clear%s (walk VA w shows it)\n",
            served_store(a->s, w, pid, pte));
    else if (!(pte & PTE_D))
        say(a, "  a store would set D first (walk VA w shows it)\n");
}

/* Says whether a catch stopped the kernel before it wrote this page's entry. */
static void tell_under_way(struct answer *a, const struct walk *w, u64 pa,
                           u64 pid)
{
    struct ins_event e;
    if (event_under_way(a->s, &e) && (e.space == pid || e.pid == pid) &&
        e.va >> PAGE_SHIFT == w->va >> PAGE_SHIFT &&
        (pa - RAM_BASE) >> PAGE_SHIFT != e.pfn)
        say(a,
            "  the machine stands inside the kernel's %s: the entry gets frame "
            "%u when the kernel goes on\n",
            inspect_reason_word(e.reason), e.pfn);
}

static void walk_answer(struct answer *a, const struct walk *w, u64 pa, u64 pid)
{
    char flags[9], upper[12], mode[100], why[300];
    bool ok = w->phase == WALK_FILLED;
    u64 pte, asid = w->ctx.satp >> 44 & 0xffff;
    json_add(&a->j,
             "{va:%#llx satp:%#llx asid:%llu pid:%llu access:%s mode:%s "
             "sum:%hhd levels:[",
             w->va, w->ctx.satp, asid, pid, access_text(w),
             w->ctx.priv == PRV_U ? "user" : "supervisor", w->ctx.sum);
    say(a, "a %s in %s", access_text(w), mode_text(w, mode));
    if (pid)
        say(a, " of pid %llu", pid);
    say(a, "\nva 0x%llx  satp 0x%llx: asid %llu, root 0x%llx\n", w->va,
        w->ctx.satp, asid, w->ctx.satp << 20 >> 8);
    for (unsigned i = 0; i < w->nsteps; i++) {
        const struct walk_step *p = &w->steps[i];
        if (p->kind == STEP_SET_AD || !p->pte_pa)
            continue;
        json_add(&a->j, "{level:%d vpn:%u pte_pa:%#llx pte:%#llx flags:%s}",
                 p->level, vpn_field(w->va, p->level), p->pte_pa, p->pte,
                 flags_text(p->pte, flags));
        say(a, "level %u  vpn[%u] %3u  pte at 0x%llx = 0x%016llx  %s%s\n",
            p->level, p->level, vpn_field(w->va, p->level), p->pte_pa, p->pte,
            flags, upper_text(p->pte & PTE_N, PTE_PBMT(p->pte), upper));
    }
    json_add(&a->j, "] verdict:%s", ok ? "ok" : "fault");
    if (ok) {
        json_hex(&a->j, "pa", pa);
        if (pa >= RAM_BASE)
            json_u64(&a->j, "pfn", (pa - RAM_BASE) >> PAGE_SHIFT);
        json_u64(&a->j, "page_bytes", PAGE_BYTES * tlb_pages(&w->filled));
        json_type(&a->j, inspect_memory_type(w->filled.type));
        say(a, "ok: pa 0x%llx, frame %lld, a page of %llu KiB\n", pa,
            (s64)(pa - RAM_BASE) >> PAGE_SHIFT, 4 * tlb_pages(&w->filled));
        if (inspect_walk_entry(w, &pte) && w->access == ACC_LOAD)
            store_text(a, w, pid, pte);
    } else {
        why_fault(a->s, w, pid, why, sizeof why);
        json_add(&a->j, "cause:%u fault:%s why:%s", w->cause,
                 inspect_exception(w->cause), why);
        say(a, "fault: %s\n  %s\n", inspect_exception(w->cause), why);
    }
    json_close(&a->j, '}');
    tell_under_way(a, w, pa, pid);
}

static bool take_access(const char **args, enum access *access)
{
    static const struct {
        char letter;
        enum access access;
    } known[] = {{'r', ACC_LOAD}, {'w', ACC_STORE}, {'x', ACC_FETCH}};
    if (!args_more(args) || ((*args)[1] && (*args)[1] != ' '))
        return false;
    for (unsigned i = 0; i < ARRAY_LEN(known); i++)
        if (**args == known[i].letter) {
            *access = known[i].access;
            ++*args;
            return true;
        }
    return false;
}

/* Returns the pid whose page tables `walk event.va` walks; 0: not known. */
u64 event_process(struct session *s, const char *args)
{
    struct ins_proc p;
    if (!args_event_va(args))
        return 0;
    u32 pid = inspect_caught_recorded(s->m, s->events).space;
    return pid && inspect_proc(s->m, pid, &p) && p.satp ? pid : 0;
}

enum command_status event_no_address(struct answer *a, const char *verb)
{
    struct ins_event e = inspect_caught_recorded(a->s->m, a->s->events);
    if (e.pfn == LENS_NO_PFN)
        return fail(a, CMD_BAD, "%s: the event (%s) has no address", verb,
                    inspect_reason_word(e.reason));
    return fail(a, CMD_BAD,
                "%s: the event (%s) has no address; its frame is %u (page "
                "event.pfn, why event.pfn)",
                verb, inspect_reason_word(e.reason), e.pfn);
}

enum command_status cmd_walk(struct answer *a, const char *args)
{
    u64 va, pid = event_process(a->s, args), pa;
    struct walk w;
    enum access access = ACC_LOAD;
    bool of_event = args_event_va(args);
    if (!args_value(a, &args, &va, "an address"))
        return CMD_BAD;
    if (of_event && !va)
        return event_no_address(a, "walk");
    bool asked = take_access(&args, &access);
    if (args_more(&args) && !args_pid(a, &args, &pid))
        return CMD_BAD;
    if (!asked)
        take_access(&args, &access);
    if (!args_end(a, args))
        return CMD_BAD;
    if (!inspect_walk(a->s->m, va, (u32)pid, access, &w, &pa)) {
        say(a,
            pid ? "pid %llu has no page table\n"
                : "satp is Bare: 0x%llx is physical\n",
            pid ? pid : va);
        return pid ? answer_json(a, "{va:%#llx verdict:%s}", va, "none")
                   : answer_json(a, "{va:%#llx verdict:%s pa:%#llx}", va,
                                 "bare", va);
    }
    walk_answer(a, &w, pa, pid);
    return finish_json(a);
}

/* ---- step-walk ------------------------------------------------------- */

static const char *const step_words[] = {[STEP_READ] = "read",
                                         [STEP_SET_AD] = "set-ad",
                                         [STEP_DONE] = "filled",
                                         [STEP_FAULT] = "fault"};

static void step_json(struct answer *a, const struct walk_step *p)
{
    const struct walk *w = &a->s->m->mmu.walk;
    char flags[9];
    json_add(&a->j,
             "{kind:%s va:%#llx level:%d pte_pa:%#llx pte:%#llx flags:%s "
             "where:%s cycles:%u walk_cycles:%u",
             step_words[p->kind], w->va, p->level, p->pte_pa, p->pte,
             flags_text(p->pte, flags), inspect_served(p->where), p->cycles,
             w->cycles);
    if (w->phase == WALK_FILLED) {
        const struct tlb_entry *e = &w->filled;
        json_add(
            &a->j,
            "tlb:{va:%#llx pa:%#llx asid:%d level:%d page_bytes:%llu flags:%s",
            (u64)sext(e->vpn << PAGE_SHIFT, 39), e->ppn << PAGE_SHIFT, e->asid,
            e->level, PAGE_BYTES * tlb_pages(e), flags_text(e->flags, flags));
        json_type(&a->j, inspect_memory_type(e->type));
        json_close(&a->j, '}');
    }
    if (w->phase == WALK_FAULTED)
        json_add(&a->j, "cause:%u fault:%s", w->cause,
                 inspect_exception(w->cause));
    json_add(&a->j, "last:%hhd}",
             w->phase == WALK_FILLED || w->phase == WALK_FAULTED);
    finish_json(a);
}

static void step_text(struct answer *a, const struct walk_step *p)
{
    const struct walk *w = &a->s->m->mmu.walk;
    char flags[9], upper[12];
    if (p->pte_pa)
        say(a,
            "level %u  vpn[%u] %3u  pte at 0x%llx = 0x%016llx  %s%s  %s, %u "
            "cycle%s\n",
            p->level, p->level, vpn_field(w->va, p->level), p->pte_pa, p->pte,
            flags_text(p->pte, flags),
            upper_text(p->pte & PTE_N, PTE_PBMT(p->pte), upper),
            p->kind == STEP_SET_AD ? "A/D set" : inspect_served(p->where),
            p->cycles, p->cycles == 1 ? "" : "s");
    if (w->phase == WALK_FILLED)
        say(a, "filled: va 0x%llx -> pa 0x%llx, asid %u, %s%s; %u cycle%s\n",
            sext(w->filled.vpn << PAGE_SHIFT, 39), w->filled.ppn << PAGE_SHIFT,
            w->filled.asid, flags_text(w->filled.flags, flags),
            upper_text(w->filled.napot, w->filled.type, upper), w->cycles,
            w->cycles == 1 ? "" : "s");
    else if (w->phase == WALK_FAULTED)
        say(a, "fault: %s at 0x%llx; %u cycle%s\n", inspect_exception(w->cause),
            w->va, w->cycles, w->cycles == 1 ? "" : "s");
}

/* Shows the step's result as the caption, in the panel's words. */
static void step_caption(struct session *s, const struct walk_step *p)
{
    static const char *const where[SERVED_COUNT] = {
        [SERVED_PWC] = "the walker remembered it",
        [SERVED_L1] = "the L1 cache had it",
        [SERVED_L2] = "the L2 cache had it",
        [SERVED_DRAM_HIT] = "its DRAM row was open",
        [SERVED_DRAM_CLOSED] = "its DRAM row was closed",
        [SERVED_DRAM_CONFLICT] = "another DRAM row was open",
        [SERVED_RAM] = "RAM had it"};
    const struct walk *w = &s->m->mmu.walk;
    bool leaf = p->pte & (PTE_R | PTE_W | PTE_X);
    const char *did = p->kind == STEP_SET_AD  ? "gets its A or D bit"
                      : p->kind == STEP_FAULT ? "does not allow the access"
                      : leaf                  ? "leads to the page"
                                              : "points to the next table";
    char text[sizeof s->show.caption];
    size_t n = 0;
    if (!p->pte_pa)
        snprintf(text, sizeof text, "walk: %s at 0x%llx",
                 inspect_exception(w->cause), w->va);
    else
        n = append(text, sizeof text, 0, "walk, level %u: the PTE at 0x%llx %s",
                   p->level, p->pte_pa, did);
    if (n && p->kind != STEP_SET_AD && p->where < SERVED_COUNT &&
        where[p->where])
        append(text, sizeof text, n, "; %s", where[p->where]);
    publish_caption(&s->show, text, LENS_NO_PFN, 0);
}

enum command_status cmd_step_walk(struct answer *a, const char *args)
{
    struct session *s = a->s;
    u32 phase = s->m->mmu.walk.phase;
    args_aloud(a, &args);
    if (!args_end(a, args))
        return CMD_BAD;
    if (s->run.going)
        return fail(a, CMD_BAD, "step-walk: the machine runs: halt it first");
    if (phase != WALK_ARMED && phase != WALK_RUNNING) {
        session_aim(a, (struct goal){.deadline = NEVER, .step_walk = true});
        return session_go(a);
    }
    struct walk_step step = machine_step_walk(s->m);
    step_caption(s, &step);
    if (a->json)
        step_json(a, &step);
    else if (!stops_silently(a) && a->to->who != IN_PANEL)
        step_text(a, &step);
    return CMD_OK;
}

/* ---- info mem, in QEMU's columns ------------------------------------- */

struct span {
    struct answer *a;
    u64 va, pa, bytes, attr;
};

static void span_flush(struct span *p)
{
    static const char letters[] = "rwxugad"; /* PTE bits 1..7 */
    char attr[8];
    if (!p->bytes)
        return;
    for (unsigned i = 0; i < 7; i++)
        attr[i] = p->attr >> i & 1 ? letters[i] : '-';
    attr[7] = 0;
    json_add(&p->a->j, "{vaddr:%#llx paddr:%#llx size:%#llx attr:%s}", p->va,
             p->pa, p->bytes, attr);
    say(p->a, "%016llx %016llx %016llx %s\n", p->va, p->pa, p->bytes, attr);
}

static void on_leaf(void *opaque, const struct ins_leaf *l)
{
    struct span *p = opaque;
    u64 bytes = PAGE_BYTES << 9 * l->level, attr = bits(l->pte, 7, 1);
    if (p->bytes && p->va + p->bytes == l->va && p->pa + p->bytes == l->pa &&
        p->attr == attr) {
        p->bytes += bytes;
        return;
    }
    span_flush(p);
    p->va = l->va;
    p->pa = l->pa;
    p->bytes = bytes;
    p->attr = attr;
}

enum command_status info_mem(struct answer *a, const char *args)
{
    struct session *s = a->s;
    struct span p = {.a = a};
    u64 pid = 0;
    if (args_more(&args) && !args_pid(a, &args, &pid))
        return CMD_BAD;
    if (!args_end(a, args))
        return CMD_BAD;
    bool bare = !pid && s->m->hart.satp >> 60 != 8;
    json_open(&a->j, NULL, '[');
    if (bare)
        say(a, "No translation or protection\n");
    else
        say(a, "vaddr            paddr            size             attr\n"
               "---------------- ---------------- ---------------- -------\n");
    bool ok = bare || inspect_leaves(s->m, (u32)pid, on_leaf, &p);
    span_flush(&p);
    json_close(&a->j, ']');
    finish_json(a);
    return ok ? CMD_OK : fail(a, CMD_BAD, "info mem: no tree of page tables");
}

/* ---- info tlb -------------------------------------------------------- */

static void tlb_head(struct answer *a, const struct ins_tlb *t)
{
    say(a, "%s: %u entries", t->name, t->entries);
    if (t->ways == 1)
        say(a, ", direct-mapped");
    else if (t->ways)
        say(a, ", %u-way set-associative", t->ways);
    if (t->large)
        say(a, ", %u for larger pages", t->large);
    say(a, "; %llu accesses, %llu misses\n", t->accesses, t->misses);
}

static void tlb_row(struct answer *a, struct json *j,
                    const struct ins_tlb_entry *e)
{
    char flags[9];
    say(a, "  %016llx -> %010llx  asid %-5u %4lluK  %s%s%s\n", e->va, e->pa,
        e->asid, e->bytes / 1024, flags_text(e->flags, flags),
        *e->type ? " " : "", e->type);
    json_add(j, "{va:%#llx pa:%#llx asid:%u level:%u page_bytes:%llu flags:%s",
             e->va, e->pa, e->asid, e->level, e->bytes,
             flags_text(e->flags, flags));
    json_type(j, e->type);
    json_close(j, '}');
}

static void one_tlb(struct answer *a, struct json *j, unsigned tlb)
{
    struct ins_tlb t = inspect_tlb(a->s->m, tlb);
    struct ins_tlb_entry e;
    tlb_head(a, &t);
    json_open(j, t.name, '{');
    json_add(j, "size:%u ways:%u large:%u accesses:%llu misses:%llu entries:[",
             t.entries, t.ways, t.large, t.accesses, t.misses);
    for (u32 i = 0; i < t.entries + t.large; i++)
        if (inspect_tlb_entry(a->s->m, tlb, i, &e))
            tlb_row(a, j, &e);
    json_add(j, "]}");
}

enum command_status info_tlb(struct answer *a, const char *args)
{
    if (!args_end(a, args))
        return CMD_BAD;
    json_open(&a->j, NULL, '{');
    for (unsigned tlb = 0; tlb < INS_TLBS; tlb++)
        one_tlb(a, &a->j, tlb);
    json_close(&a->j, '}');
    return finish_json(a);
}
