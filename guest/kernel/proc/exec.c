/* SPDX-License-Identifier: MIT */
/* execve(2). Everything that can be wrong - the file, the interpreter, the
 * arguments - is read and checked first; then the old address space is
 * discarded and the new one built. A failure after that kills the process. */
#include "arch/csr.h"
#include "fs/dcache.h"
#include "fs/namei.h"
#include "proc/elf.h"
#include "proc/exec.h"
#include "proc/futex.h"
#include "proc/sched.h"
#include "vm/space.h"
#include "vm/uaccess.h"

#define MAX_SCRIPT_DEPTH 4
#define MIN_SIGSTACK     1088u /* AT_MINSIGSTKSZ: sizeof(struct sigframe) */
#define HWCAP_IMAFDC     0x112du

enum {
    AT_NULL,
    AT_PHDR = 3,
    AT_PHENT,
    AT_PHNUM,
    AT_PAGESZ,
    AT_BASE,
    AT_FLAGS,
    AT_ENTRY,
    AT_UID = 11,
    AT_EUID,
    AT_GID,
    AT_EGID,
    AT_HWCAP = 16,
    AT_CLKTCK,
    AT_SECURE = 23,
    AT_RANDOM = 25,
    AT_EXECFN = 31,
    AT_MINSIGSTKSZ = 51
};

/* Appends a string to s, which keeps strings back to back with their NULs in
 * whole frames, as they will be on the new stack. */
int strings_add(struct exec_strings *s, const char *str)
{
    size_t n = strlen(str) + 1;
    if (s->bytes + n > EXEC_STRINGS_MAX)
        return -E2BIG;
    for (size_t done = 0; done < n;) {
        size_t page = (s->bytes + done) / PAGE_SIZE;
        size_t off = (s->bytes + done) % PAGE_SIZE;
        size_t part = MIN(n - done, PAGE_SIZE - off);
        if (!s->page[page] && !(s->page[page] = kmalloc(PAGE_SIZE)))
            return -ENOMEM;
        memcpy(s->page[page] + off, str + done, part);
        done += part;
    }
    s->bytes += n;
    s->count++;
    return 0;
}

void strings_free(struct exec_strings *s)
{
    for (size_t i = 0; i < ARRAY_SIZE(s->page); i++)
        kfree(s->page[i]);
    memset(s, 0, sizeof *s);
}

/* Copies the strings to user address `to`, and a pointer to each to *ptr, with
 * a NULL behind them; *ptr moves past it. */
static int strings_out(const struct exec_strings *s, u64 to, u64 *ptr)
{
    u64 zero = 0;
    bool start = true;
    for (size_t i = 0; i < s->bytes; i++) {
        const char *c = &s->page[i / PAGE_SIZE][i % PAGE_SIZE];
        u64 at = to + i;
        if (start && copyout(*ptr, &at, 8))
            return -EFAULT;
        *ptr += start ? 8 : 0;
        start = *c == '\0';
    }
    for (size_t i = 0; i < s->bytes; i += PAGE_SIZE)
        if (copyout(to + i, s->page[i / PAGE_SIZE],
                    MIN(PAGE_SIZE, s->bytes - i)))
            return -EFAULT;
    if (copyout(*ptr, &zero, 8))
        return -EFAULT;
    *ptr += 8;
    return 0;
}

/* Parses "#!interpreter argument" at the start of f. */
static int read_script(struct file *f, char *interp, size_t n, char **arg)
{
    s64 got = file_pread(f, interp, n - 1, 0);
    if (got < 3 || interp[0] != '#' || interp[1] != '!')
        return got < 0 ? (int)got : -ENOEXEC;
    interp[got] = '\0';
    char *end = strchr(interp, '\n'), *p = interp + 2;
    if (!end)
        return -ENOEXEC;
    while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end = '\0';
    while (*p == ' ' || *p == '\t')
        p++;
    memmove(interp, p, strlen(p) + 1);
    for (p = interp; *p && *p != ' ' && *p != '\t';)
        p++;
    *arg = *p ? p + 1 : NULL;
    *p = '\0';
    while (*arg && (**arg == ' ' || **arg == '\t'))
        (*arg)++;
    return interp[0] ? 0 : -ENOEXEC;
}

/* Length of the longest string, with its NUL. */
static size_t longest(const struct exec_strings *s)
{
    size_t most = 1;
    for (size_t i = 0, start = 0; i < s->bytes; i++)
        if (!s->page[i / PAGE_SIZE][i % PAGE_SIZE]) {
            most = MAX(most, i + 1 - start);
            start = i + 1;
        }
    return most;
}

/* argv becomes interp [arg] path argv[1]... */
static int script_args(struct exec_args *a, const char *interp, const char *arg,
                       const char *path)
{
    struct exec_strings old = a->argv;
    memset(&a->argv, 0, sizeof a->argv);
    int err = strings_add(&a->argv, interp);
    if (!err && arg)
        err = strings_add(&a->argv, arg);
    if (!err)
        err = strings_add(&a->argv, path);
    bool first = true;
    char *word = kmalloc(longest(&old));
    size_t n = 0;
    if (!word)
        err = -ENOMEM;
    for (size_t i = 0; !err && i < old.bytes; i++) {
        word[n++] = old.page[i / PAGE_SIZE][i % PAGE_SIZE];
        if (word[n - 1])
            continue;
        if (!first)
            err = strings_add(&a->argv, word);
        first = false;
        n = 0;
    }
    kfree(word);
    strings_free(&old);
    return err;
}

struct exec_images {
    struct elf_image program, interp;
};

/* Opens path, follows #! lines, reads and checks the program to be mapped. */
static int load(struct exec_args *a, const char *path, struct exec_images *im)
{
    char line[256], *arg = NULL, next[256];
    for (int depth = 0; depth <= MAX_SCRIPT_DEPTH; depth++) {
        struct file *f;
        int err = depth ? vfs_open_exec(NULL, path, LOOKUP_FOLLOW, &f)
                        : vfs_open_exec(a->base, a->file, a->lookup, &f);
        if (err)
            return err;
        err = elf_read(f, &im->program);
        bool script =
            err == -ENOEXEC && !read_script(f, line, sizeof line, &arg);
        file_put(f);
        if (!script)
            return err;
        if (a->fd_closes) /* the interpreter could not open the script */
            return -ENOENT;
        err = script_args(a, line, arg, path);
        if (err)
            return err;
        strlcpy(next, line, sizeof next);
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
    file_put(f);
    return err;
}

/* The virtual address of the program headers; 0 if no PT_LOAD contains them. */
static u64 headers_at(const struct elf_image *im)
{
    for (unsigned i = 0; i < im->header.phnum; i++) {
        const struct elf_segment *g = &im->segment[i];
        if (g->type == PT_LOAD && g->offset <= im->header.phoff &&
            im->header.phoff < g->offset + g->filesz)
            return im->bias + g->vaddr + (im->header.phoff - g->offset);
    }
    return 0;
}

/* Copies strings and vectors to the new stack; *sp is its stack pointer. */
static int build_stack(struct space *s, const struct exec_args *a,
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
    s->env_start = at -= a->envp.bytes;
    s->arg_end = at;
    s->arg_start = at -= a->argv.bytes;
    const u64 aux[][2] = {
        {AT_HWCAP, HWCAP_IMAFDC},
        {AT_PAGESZ, PAGE_SIZE},
        {AT_CLKTCK, USER_HZ},
        {AT_PHDR, headers_at(prog)},
        {AT_PHENT, sizeof(struct elf_segment)},
        {AT_PHNUM, prog->header.phnum},
        {AT_BASE, im->interp.file ? im->interp.bias : 0},
        {AT_FLAGS, 0},
        {AT_ENTRY, prog->bias + prog->header.entry},
        {AT_UID, me->uid},
        {AT_EUID, me->euid},
        {AT_GID, me->gid},
        {AT_EGID, me->egid},
        {AT_SECURE, 0},
        {AT_RANDOM, random_at},
        {AT_EXECFN, execfn},
        {AT_MINSIGSTKSZ, MIN_SIGSTACK},
        {AT_NULL, 0},
    };
    u64 argc = a->argv.count;
    u64 words = 1 + argc + 1 + a->envp.count + 1;
    *sp = (at - words * 8 - sizeof aux) & ~15ul;
    u64 ptr = *sp + 8;
    if (copyout(execfn, a->path, path_len) ||
        copyout(random_at, random, sizeof random) || copyout(*sp, &argc, 8) ||
        strings_out(&a->argv, s->arg_start, &ptr) ||
        strings_out(&a->envp, s->env_start, &ptr) ||
        copyout(ptr, aux, sizeof aux))
        return -EFAULT;
    s->auxv = ptr;
    s->stack_start = *sp;
    return 0;
}

static int map_stack(struct space *s)
{
    struct map_request stack = {
        .start = STACK_TOP - 32 * PAGE_SIZE,
        .len = 32 * PAGE_SIZE,
        .flags = VMA_R | VMA_W | VMA_STACK,
        .may_flags = VMA_R | VMA_W | VMA_X,
        .fixed = true,
        .growsdown = true,
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
 * its new name, program and capabilities. */
static void reset_for_exec(struct proc *me, const char *path, struct file *file)
{
    const char *name = strrchr(path, '/');
    strlcpy(me->lens.name, name ? name + 1 : path, sizeof me->lens.name);
    for (int i = 0; i < NSIG; i++)
        if (me->sighand->action[i].handler != SIG_IGN)
            me->sighand->action[i] = (struct sigaction_k){0};
    me->altstack_size = 0;
    me->execed = true;
    me->exit_signal = SIGCHLD;
    u64 had = me->caps.permitted;
    caps_exec(me);
    /* A parent may not signal a program with more rights than it was given to
     * (Linux 6.12: begin_new_exec, commit_creds). */
    if (me->euid != me->uid || me->egid != me->gid ||
        (me->caps.permitted & ~had))
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
    struct sighand *mine = kmalloc(sizeof *mine);
    if (!mine)
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

/* True if a core file may be written. Its owner can read it, so it must not
 * contain the secrets of another user, or a program that the owner may only
 * execute (Linux 6.12, fs/exec.c: begin_new_exec, would_dump). */
static bool may_dump(const struct proc *me, const struct exec_images *im)
{
    return me->euid == me->uid && me->egid == me->gid &&
           !unreadable(&im->program) && !unreadable(&im->interp);
}

/* Builds the new address space and registers. An error kills the process: the
 * old space is gone. */
static int build(struct proc *me, const struct exec_args *a,
                 struct exec_images *im)
{
    u64 sp;
    me->space = space_new(me, NULL);
    if (!me->space)
        return -ENOMEM;
    me->space->dumpable = may_dump(me, im);
    space_activate(me->space);
    int err = map_stack(me->space);
    if (!err && im->interp.file)
        err = elf_map(me->space, &im->interp, 0);
    if (!err)
        err = elf_map(me->space, &im->program, PIE_BASE);
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
    me->tf->pc = first->bias + first->header.entry;
    me->tf->status = SSTATUS_UXL64 | SSTATUS_SPIE | FS_INITIAL;
    me->tf->cause = SYSCALL_NONE;
    memset(&me->fp, 0, sizeof me->fp);
    fp_forget(me);
    return 0;
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
    reset_for_exec(me, a->path, im->program.file);
    COUNT(EXECS);
    lens_report(LENS_NO_PFN, 0, 0, R_EXEC);
    err = build(me, a, im);
    if (err) {
        kprintf("exec: process %u (%s) could not be started: error %d\n",
                me->lens.pid, me->lens.name, -err);
        elf_put(&im->program);
        elf_put(&im->interp);
        exec_args_free(a);
        kfree(im);
        proc_exit_group(SIGKILL);
    }
    return 0;
}

void exec_handed(struct exec_args *a, struct exec_images *im)
{
    if (replace_program(a, im))
        proc_exit_group(SIGKILL);
    elf_put(&im->program);
    elf_put(&im->interp);
    kfree(im);
    exec_args_free(a);
}

int exec_run(struct exec_args *a)
{
    struct proc *me = current;
    struct exec_images *im = kzalloc(sizeof *im);
    int err = im ? 0 : -ENOMEM;
    if (!err && a->argv.count == 0)
        err = strings_add(&a->argv, ""); /* as Linux does since 5.18 */
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
    strings_free(&a->argv);
    strings_free(&a->envp);
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
    int err = 0;
    strlcpy(a->path, path, sizeof a->path);
    a->file = a->path;
    a->lookup = LOOKUP_FOLLOW;
    for (; !err && *argv; argv++)
        err = strings_add(&a->argv, *argv);
    for (; !err && *envp; envp++)
        err = strings_add(&a->envp, *envp);
    if (err) {
        exec_args_free(a);
        return err;
    }
    return exec_run(a);
}
