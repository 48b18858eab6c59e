/* SPDX-License-Identifier: MIT */
/* execve(2) first reads and checks the file, the interpreter and the arguments;
 * then it discards the old address space and builds the new one. A failure
 * after that kills the process. */
#include "arch/csr.h"
#include "fs/dcache.h"
#include "fs/namei.h"
#include "lib/tunable.h"
#include "proc/elf.h"
#include "proc/exec.h"
#include "proc/futex.h"
#include "task/sched.h"
#include "vm/reclaim.h"
#include "vm/space.h"
#include "vm/uaccess.h"
#include "proc/life.h"

#include <linux/auxvec.h>

#define MAX_SCRIPT_DEPTH 5
#define SCRIPT_LINE      256   /* Linux's BINPRM_BUF_SIZE */
#define MIN_SIGSTACK     1088u /* AT_MINSIGSTKSZ: sizeof(struct sigframe) */
#define HWCAP_IMAFDC     0x112du

int exec_args_count(struct exec_args *a, u64 argc, u64 envc)
{
    /* Linux 6.12, fs/exec.c: bprm_stack_limits. */
    u64 stack = current->leader->rlim[RLIMIT_STACK].cur / 4;
    u64 limit = MAX(MIN(stack, EXEC_STRINGS_MAX), 128ul << 10);
    u64 taken = (MAX(argc, 1ul) + envc) * 8 + strlen(a->path) + 1;
    a->strings.argc = argc;
    a->strings.envc = envc;
    a->strings.room = limit - MIN(limit, taken);
    return limit < taken ? -E2BIG : 0;
}

/* Returns the page in which the last `left` bytes of the strings begin; *part:
 * how many of these bytes lie in that page. NULL: no memory. */
static char **page_of(struct exec_strings *s, size_t left, size_t *part)
{
    size_t n = (left - 1) / PAGE_SIZE;
    *part = (left - 1) % PAGE_SIZE + 1;
    if (n >= EXEC_FEW_PAGES && !s->more &&
        !(s->more = kzalloc(EXEC_MORE_PAGES * sizeof *s->more)))
        return NULL;
    char **page =
        n < EXEC_FEW_PAGES ? &s->page[n] : &s->more[n - EXEC_FEW_PAGES];
    while (!*page)
        if (!(*page = n < EXEC_FEW_PAGES ? kmalloc(PAGE_SIZE)
                                         : kmalloc_wait(PAGE_SIZE)) &&
            !memory_call_again())
            return NULL;
    return page;
}

int strings_add(struct exec_strings *s, const char *str, u64 user, size_t n)
{
    size_t part;
    char *to = NULL;
    if (n > EXEC_STRING_MAX || n > s->room)
        return -E2BIG;
    s->room -= n;
    s->bytes += n;
    for (size_t done = 0; done < n; done += part) {
        char **page = page_of(s, s->bytes - done, &part);
        if (!page)
            return -ENOMEM;
        to = *page + PAGE_SIZE - part;
        part = MIN(part, n - done);
        if (str)
            memcpy(to, str + done, part);
        else if (copyin(to, user + done, part))
            return -EFAULT;
        to += part - 1;
    }
    *to = '\0'; /* another thread may have overwritten the NUL */
    return 0;
}

static int add_word(struct exec_strings *s, const char *str)
{
    return strings_add(s, str, 0, strlen(str) + 1);
}

static void strings_free(struct exec_strings *s)
{
    for (size_t n = 0; n < EXEC_FEW_PAGES; n++)
        kfree(s->page[n]);
    for (size_t n = 0; s->more && n < EXEC_MORE_PAGES; n++)
        kfree(s->more[n]);
    kfree(s->more);
}

/* Copies the strings to user address `to`, and their addresses to *ptr, which
 * moves past them. The NULLs that end both vectors need not be written, since
 * the stack is new. */
static int strings_out(struct exec_strings *s, u64 to, u64 *ptr)
{
    bool start = true;
    u64 words = 0;
    size_t part;
    for (size_t left = s->bytes; left; left -= part, to += part) {
        char **page = page_of(s, left, &part);
        const char *from = *page + PAGE_SIZE - part;
        for (size_t i = 0; i < part; i++) {
            u64 at = to + i;
            if (start && copyout(*ptr, &at, 8))
                return -EFAULT;
            if (start)
                *ptr += ++words == s->argc ? 16 : 8;
            start = from[i] == '\0' && words < s->argc + s->envc;
        }
        if (copyout(to, from, part))
            return -EFAULT;
        kfree(*page);
        *page = NULL;
        cond_resched();
    }
    *ptr += 8;
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static char *skip_blanks(char *p)
{
    while (is_blank(*p))
        p++;
    return p;
}

/* Parses "#!interpreter argument" at the start of f. If the line is longer than
 * the buffer, the argument may be cut off. Returns -ENOEXEC also if the path of
 * the interpreter is cut off (Linux 6.12, fs/binfmt_script.c). */
static int read_script(struct file *f, char *line, char **interp, char **arg)
{
    memset(line, 0, SCRIPT_LINE + 1);
    s64 got = file_pread(f, line, SCRIPT_LINE, 0);
    if (got < 2 || line[0] != '#' || line[1] != '!')
        return got < 0 ? (int)got : -ENOEXEC;
    char *newline = strchr(line, '\n');
    char *end = newline ? newline : line + SCRIPT_LINE - 1;
    bool cut = !newline && *end && !is_blank(*end);
    *end = '\0';
    char *p = *interp = skip_blanks(line + 2);
    if (p == end)
        return -ENOEXEC;
    while (*p && !is_blank(*p))
        p++;
    if (p == end && cut)
        return -ENOEXEC;
    while (is_blank(end[-1]))
        *--end = '\0';
    *arg = *p && skip_blanks(p) < end ? skip_blanks(p) : NULL;
    *p = '\0';
    return 0;
}

/* Changes argv to: interp [arg] path argv[1]... */
static int script_args(struct exec_strings *s, const char *interp,
                       const char *arg, const char *path)
{
    size_t part;
    for (char c = 1; c; s->bytes--, s->room++)
        c = (*page_of(s, s->bytes, &part))[PAGE_SIZE - part];
    s->argc += arg ? 2 : 1;
    int err = add_word(s, path);
    if (!err && arg)
        err = add_word(s, arg);
    return err ? err : add_word(s, interp);
}

struct exec_images {
    struct elf_image program, interp;
};

/* Opens path, follows #! lines, reads and checks the program to be mapped. */
static int load(struct exec_args *a, const char *path, struct exec_images *im)
{
    char line[SCRIPT_LINE + 1], next[SCRIPT_LINE];
    char *interp = NULL, *arg = NULL;
    for (int depth = 0; depth <= MAX_SCRIPT_DEPTH; depth++) {
        struct file *f;
        int err =
            depth ? vfs_open_exec(NULL, path, LOOKUP_FOLLOW | LOOKUP_EMPTY, &f)
                  : vfs_open_exec(a->base, a->file, a->lookup, &f);
        if (err)
            return err;
        err = elf_read(f, &im->program);
        bool script = err == -ENOEXEC && !read_script(f, line, &interp, &arg);
        file_run_end(f);
        if (!script)
            return err;
        if (a->fd_closes) /* the interpreter could not open the script */
            return -ENOENT;
        err = script_args(&a->strings, interp, arg, path);
        if (err)
            return err;
        strlcpy(next, interp, sizeof next);
        path = next;
    }
    return -ELOOP;
}

static int load_interp(struct exec_images *im)
{
    struct file *f;
    if (!im->program.interp[0])
        return 0;
    int err = vfs_open_exec(NULL, im->program.interp, LOOKUP_FOLLOW, &f);
    if (err)
        return err;
    err = elf_read(f, &im->interp);
    file_run_end(f);
    return err;
}

/* Returns the program headers' address; 0 if no PT_LOAD contains them. */
static u64 headers_at(const struct elf_image *im)
{
    for (unsigned i = 0; i < im->header.e_phnum; i++) {
        const Elf64_Phdr *g = &im->segment[i];
        if (g->p_type == PT_LOAD && g->p_offset <= im->header.e_phoff &&
            im->header.e_phoff < g->p_offset + g->p_filesz)
            return im->bias + g->p_vaddr + (im->header.e_phoff - g->p_offset);
    }
    return 0;
}

/* Copies strings and vectors to the new stack; *sp is its stack pointer. */
static int build_stack(struct space *s, struct exec_args *a,
                       const struct exec_images *im, u64 *sp)
{
    struct proc *me = current;
    const struct elf_image *prog = &im->program;
    u64 random[2], at = STACK_TOP - 8;
    size_t path_len = strlen(a->path) + 1;
    random_bytes(random, sizeof random);
    u64 execfn = at -= path_len;
    at &= ~15ul;
    u64 random_at = at -= sizeof random;
    s->env_end = at;
    s->env_start = s->arg_end = at - a->strings.env_bytes;
    s->arg_start = at -= a->strings.bytes;
    const u64 aux[][2] = {
        {AT_HWCAP, HWCAP_IMAFDC},
        {AT_PAGESZ, PAGE_SIZE},
        {AT_CLKTCK, USER_HZ},
        {AT_PHDR, headers_at(prog)},
        {AT_PHENT, sizeof(Elf64_Phdr)},
        {AT_PHNUM, prog->header.e_phnum},
        {AT_BASE, im->interp.file ? im->interp.bias : 0},
        {AT_FLAGS, 0},
        {AT_ENTRY, prog->bias + prog->header.e_entry},
        {AT_UID, me->uid},
        {AT_EUID, me->euid},
        {AT_GID, me->gid},
        {AT_EGID, me->egid},
        {AT_SECURE, a->secure},
        {AT_RANDOM, random_at},
        {AT_EXECFN, execfn},
        {AT_MINSIGSTKSZ, MIN_SIGSTACK},
        {AT_NULL, 0},
    };
    u64 argc = a->strings.argc;
    u64 words = 1 + argc + 1 + a->strings.envc + 1;
    *sp = (at - words * 8 - sizeof aux) & ~15ul;
    u64 ptr = *sp + 8;
    if (copyout(execfn, a->path, path_len) ||
        copyout(random_at, random, sizeof random) || copyout(*sp, &argc, 8) ||
        strings_out(&a->strings, at, &ptr) || copyout(ptr, aux, sizeof aux))
        return -EFAULT;
    s->auxv = ptr;
    s->stack_start = *sp;
    return 0;
}

/* Maps the vdso's page, and the stack with room for `need` bytes of strings and
 * vectors; all else takes less than two pages. */
static int map_stack(struct space *s, u64 need)
{
    u64 len = MAX(32 * PAGE_SIZE, PAGE_UP(need) + 2 * PAGE_SIZE);
    struct map_request stack = {
        .start = STACK_TOP - len,
        .len = len,
        .flags = VMA_R | VMA_W | VMA_STACK,
        .may_flags = VMA_R | VMA_W | VMA_X,
        .fixed = true,
        .attrs = ATTR_GROWSDOWN,
    };
    struct map_request vdso = {
        .start = VDSO_BASE,
        .len = PAGE_SIZE,
        .flags = VMA_R | VMA_X,
        .may_flags = VMA_R | VMA_X,
        .object = trampoline_object(),
        .fixed = true,
    };
    s64 err = space_map(s, &stack);
    if (err >= 0)
        err = space_map(s, &vdso);
    if (err < 0)
        return (int)err;
    vma_find(s, VDSO_BASE)->lens.name = (u64) "[vdso]";
    return 0;
}

/* Resets what a process loses at exec (handlers, alternate stack, ...) and sets
 * its new name, program, saved ids and capabilities. */
static void reset_for_exec(struct proc *me, struct exec_args *a,
                           struct file *file)
{
    const char *path = a->path, *name = strrchr(path, '/');
    strlcpy(me->lens.name, name ? name + 1 : path, sizeof me->lens.name);
    for (int i = 0; i < _NSIG; i++)
        if (me->sighand->action[i].handler != SIG_IGN)
            me->sighand->action[i] = (struct sigaction_k){0};
    me->altstack.size = 0;
    me->execed = true;
    me->exit_signal = SIGCHLD;
    u64 had = me->caps.permitted;
    a->secure = caps_exec(me);
    /* The parent's death may not signal a program that has gained rights
     * (Linux 6.12: begin_new_exec, commit_creds). */
    if (a->secure || (me->caps.permitted & ~had))
        me->pdeathsig = 0;
    if (me->exe)
        file_run_end(me->exe);
    me->exe = file_run(file);
    files_exec_cloexec(me);
}

static int own_sighand(struct proc *me)
{
    if (me->sighand->refs == 1)
        return 0;
    struct sighand *mine;
    while (!(mine = kmalloc(sizeof *mine)))
        if (!memory_call_again())
            return -ENOMEM;
    *mine = *me->sighand;
    mine->refs = 1;
    me->sighand->refs--;
    me->sighand = mine;
    return 0;
}

static bool unreadable(const struct elf_image *image)
{
    return image->file && inode_access(image->file->inode, MAY_READ);
}

/* True if the user may look at the process's memory: it must not contain the
 * secrets of another user, or a program that the user may only execute
 * (Linux 6.12, fs/exec.c: begin_new_exec, would_dump). */
static bool may_dump(const struct exec_args *a, const struct exec_images *im)
{
    return !a->secure && !unreadable(&im->program) && !unreadable(&im->interp);
}

static int map_images(struct proc *me, const struct exec_args *a,
                      struct exec_images *im)
{
    me->space = space_new(me, NULL);
    if (!me->space)
        return -ENOMEM;
    me->space->dumpable = may_dump(a, im);
    space_activate(me->space);
    const struct exec_strings *strings = &a->strings;
    int err = map_stack(me->space,
                        strings->bytes + 8 * (strings->argc + strings->envc));
    if (!err && im->interp.file)
        err = elf_map(me->space, &im->interp, 0);
    if (!err)
        err = elf_map(me->space, &im->program, PIE_BASE);
    return err;
}

/* Builds the new address space and registers. An error kills the process: the
 * old space is gone. */
static int build(struct proc *me, struct exec_args *a, struct exec_images *im)
{
    u64 sp;
    int err;
    while ((err = map_images(me, a, im)) == -ENOMEM && memory_call_again())
        if (me->space)
            space_leave(me->space, me, R_EXEC_DISCARD);
    if (err)
        return err;
    me->space->brk_start = me->space->brk = im->program.bias + im->program.high;
    err = build_stack(me->space, a, im, &sp);
    if (err)
        return err;
    const struct elf_image *first =
        im->interp.file ? &im->interp : &im->program;
    memset(me->tf->x, 0, sizeof me->tf->x);
    me->tf->x[REG_SP] = sp;
    me->tf->pc = first->bias + first->header.e_entry;
    me->tf->status = SSTATUS_UXL64 | SSTATUS_SPIE | FS_INITIAL;
    me->tf->cause = SYSCALL_NONE;
    memset(&me->fp, 0, sizeof me->fp);
    fp_forget(me);
    return 0;
}

/* Panics: the machine has no program to run. Names the limits that were changed
 * from their presets; if there are any, they are probably too low. */
static void __noreturn no_first_program(int err)
{
    static const enum tunable limits[] = {
        TUN_MAX_MAP_COUNT, TUN_OVERCOMMIT_MEMORY, TUN_OVERCOMMIT_RATIO,
        TUN_OVERCOMMIT_KBYTES, TUN_ADMIN_RESERVE};
    char changed[256] = "";
    size_t n = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(limits); i++) {
        const struct lens_tunable *t = &tunables[limits[i]];
        if (t->value == t->preset)
            continue;
        n += (size_t)snprintf(changed + n, sizeof changed - n, " %s=%ld",
                              t->name, t->value);
        panic_status = 2;
    }
    panic("cannot start the first program: error %d%s%s", -err,
          n ? ", with" : "", changed);
}

static int replace_program(struct exec_args *a, struct exec_images *im)
{
    struct proc *me = current;
    int err = own_sighand(me);
    if (err)
        return err;
    futex_leave(me);
    if (me->space)
        space_leave(me->space, me, R_EXEC_DISCARD);
    vfork_release(me);
    reset_for_exec(me, a, im->program.file);
    COUNT(EXECS);
    lens_report(LENS_NO_PFN, 0, 0, R_EXEC);
    err = build(me, a, im);
    if (err) {
        if (!signal_fatal_pending(me)) /* else it is ended from outside */
            kprintf("exec: process %u (%s) could not be started: error %d\n",
                    me->lens.pid, me->lens.name, -err);
        if (me->lens.pid == 1)
            no_first_program(err);
        elf_put(&im->program);
        elf_put(&im->interp);
        exec_args_free(a);
        kfree(im);
        proc_exit_group(SIGSEGV);
    }
    return 0;
}

void exec_handed(struct exec_args *a, struct exec_images *im)
{
    if (replace_program(a, im))
        proc_exit_group(SIGSEGV);
    elf_put(&im->program);
    elf_put(&im->interp);
    kfree(im);
    exec_args_free(a);
}

int exec_run(struct exec_args *a)
{
    struct proc *me = current;
    struct exec_images *im = kzalloc_wait(sizeof *im); /* two frames */
    int err = im ? 0 : -ENOMEM;
    if (!err && a->strings.argc == 0) { /* as Linux does since 5.18 */
        a->strings.argc = 1;
        err = add_word(&a->strings, "");
    }
    if (!err)
        err = load(a, a->path, im);
    if (!err)
        err = load_interp(im);
    if (!err && (me->leader != me || me->nthreads))
        err = group_shed(me);
    if (!err && me->leader != me)
        group_hand_over(me, a, im);
    if (!err)
        err = replace_program(a, im);
    if (im) {
        elf_put(&im->program);
        elf_put(&im->interp);
    }
    kfree(im);
    exec_args_free(a);
    return err;
}

void exec_args_free(struct exec_args *a)
{
    strings_free(&a->strings);
    if (a->base)
        dentry_put(a->base);
    kfree(a);
}

int exec_kernel(const char *path, const char *const *argv,
                const char *const *envp)
{
    struct exec_args *a = kzalloc(sizeof *a);
    if (!a)
        return -ENOMEM;
    size_t argc = 0, envc = 0;
    while (argv[argc])
        argc++;
    while (envp[envc])
        envc++;
    strlcpy(a->path, path, sizeof a->path);
    a->file = a->path;
    a->lookup = LOOKUP_FOLLOW;
    int err = exec_args_count(a, argc, envc);
    while (!err && envc)
        err = add_word(&a->strings, envp[--envc]);
    a->strings.env_bytes = a->strings.bytes;
    while (!err && argc)
        err = add_word(&a->strings, argv[--argc]);
    if (err) {
        exec_args_free(a);
        return err;
    }
    return exec_run(a);
}
