/* SPDX-License-Identifier: MIT */
/* Prints what calls answer in odd cases, and what they have done when they
 * fail: signals and their stacks, timers, mappings, files of tmpfs and /proc.
 * threads.t compiles this program for the host and for the guest; both must
 * print the same lines. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include "says.h"

#define PAGE       4096l
#define AUTODISARM (1 << 31)
#define GROWSDOWN  0x01000000

static void *volatile nowhere = (void *)8;
static sigjmp_buf back;
static int seen;

static void note(int sig)
{
    seen = sig;
}

static void jump(int sig, siginfo_t *info, void *context)
{
    (void)context;
    seen = sig * 1000 + info->si_code;
    siglongjmp(back, 1);
}

static void on(int sig, void (*fn)(int, siginfo_t *, void *), int flags)
{
    struct sigaction a = {.sa_sigaction = fn, .sa_flags = SA_SIGINFO | flags};
    sigaction(sig, &a, NULL);
}

/* ---- signals ---- */

static void frame_without_room(void)
{
    stack_t bad = {.ss_sp = nowhere, .ss_size = 65536};
    on(SIGUSR1, jump, SA_ONSTACK);
    on(SIGSEGV, jump, SA_NODEFER);
    say("sigaltstack", sigaltstack(&bad, NULL));
    if (!sigsetjmp(back, 1))
        raise(SIGUSR1);
    say("a handler's frame that does not fit: signal, code", seen);
    fflush(stdout);
    on(SIGSEGV, jump, SA_ONSTACK | SA_NODEFER);
    if (!sigsetjmp(back, 1))
        raise(SIGSEGV);
    say("not reached", seen);
}

static void order(void)
{
    const int sent[] = {SIGUSR1, SIGRTMIN, SIGSYS,  SIGSEGV, SIGFPE,
                        SIGHUP,  SIGBUS,   SIGTRAP, SIGILL,  SIGUSR2};
    sigset_t all;
    int sig;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++)
        raise(sent[i]);
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++)
        if (!sigwait(&all, &sig))
            say("pending signals in order", sig);
}

static void in_handler(int sig, siginfo_t *info, void *context)
{
    stack_t now, other = {.ss_sp = malloc(65536), .ss_size = 65536};
    (void)info;
    (void)context;
    sigaltstack(NULL, &now);
    printf("in the handler of %d: flags %x, size %zu\n", sig, now.ss_flags,
           now.ss_size);
    say("another stack in the handler", sigaltstack(&other, NULL));
}

static void stacks(void)
{
    for (int flags = 0; flags < 2; flags++) {
        stack_t s = {.ss_sp = malloc(65536),
                     .ss_flags = flags ? AUTODISARM : 0,
                     .ss_size = 65536};
        stack_t now;
        on(SIGUSR1, in_handler, SA_ONSTACK);
        say("sigaltstack", sigaltstack(&s, NULL));
        sigaltstack(NULL, &now);
        printf("flags %x, size %zu\n", now.ss_flags, now.ss_size);
        raise(SIGUSR1);
        sigaltstack(NULL, &now);
        printf("after the handler: flags %x, size %zu\n", now.ss_flags,
               now.ss_size);
    }
}

static void old_values_nowhere(void)
{
    sigset_t set;
    unsigned long ignores[4] = {(unsigned long)SIG_IGN}; /* to the kernel */
    struct sigaction old;
    struct itimerval it = {{0, 0}, {1000, 0}};
    stack_t s = {.ss_sp = malloc(65536), .ss_size = 65536}, now;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    say("rt_sigprocmask",
        syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, nowhere, 8));
    sigprocmask(SIG_BLOCK, NULL, &set);
    say("... has blocked it", sigismember(&set, SIGUSR1));
    say("sigaltstack", syscall(SYS_sigaltstack, &s, nowhere));
    sigaltstack(NULL, &now);
    say("... has set it", now.ss_size == s.ss_size);
    say("setitimer", syscall(SYS_setitimer, ITIMER_REAL, &it, nowhere));
    getitimer(ITIMER_REAL, &it);
    say("... has set it", it.it_value.tv_sec > 900);
    say("rt_sigaction",
        syscall(SYS_rt_sigaction, SIGUSR2, ignores, nowhere, 8));
    sigaction(SIGUSR2, NULL, &old);
    say("... has set it", old.sa_handler == SIG_IGN);
    say("... from nowhere",
        syscall(SYS_rt_sigaction, SIGUSR2, nowhere, NULL, 8));
}

static void *queues_from_a_thread(void *arg)
{
    siginfo_t info = {.si_code = 0};
    int tid = (int)syscall(SYS_gettid), pid = getpid();
    say("rt_sigqueueinfo to the process, code 0",
        syscall(SYS_rt_sigqueueinfo, pid, SIGURG, &info));
    say("... to this thread", syscall(SYS_rt_sigqueueinfo, tid, SIGURG, &info));
    say("rt_tgsigqueueinfo to the leader",
        syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIGURG, &info));
    say("... to this thread",
        syscall(SYS_rt_tgsigqueueinfo, pid, tid, SIGURG, &info));
    static const int codes[] = {-1, -7, -8, -60, 6, 7, 128, -128};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        info.si_code = codes[i];
        ((char *)&info)[127] = 1;
        printf("code %d, ", codes[i]);
        say("a tail that is not 0",
            syscall(SYS_rt_tgsigqueueinfo, pid, tid, SIGURG, &info));
    }
    return arg;
}

static void queues(void)
{
    pthread_t t;
    pthread_create(&t, NULL, queues_from_a_thread, NULL);
    pthread_join(t, NULL);
}

static void alarms(void)
{
    struct itimerval it = {{0, 7}, {0, 1000}}, now;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    signal(SIGALRM, note);
    sigprocmask(SIG_BLOCK, &set, NULL);
    setitimer(ITIMER_REAL, &it, NULL);
    nap(20);
    getitimer(ITIMER_REAL, &now);
    say("an alarm that is pending: interval", now.it_interval.tv_usec);
    say("... time left", now.it_value.tv_usec);
    it.it_interval.tv_usec = 20000;
    setitimer(ITIMER_REAL, &it, NULL);
    nap(20);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    getitimer(ITIMER_REAL, &now);
    say("... runs on when it is taken", now.it_value.tv_usec > 0);
}

/* ---- mappings ---- */

static char *pages(long n)
{
    return mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void shrinks(void)
{
    char *z = pages(16);
    munmap(z + 8 * PAGE, PAGE);
    ok("mremap that keeps a length with a hole",
       (long)mremap(z, 16 * PAGE, 16 * PAGE, 0));
    ok("... that shrinks it",
       (long)mremap(z, 16 * PAGE, 15 * PAGE, MREMAP_MAYMOVE));
    ok("... that makes it longer",
       (long)mremap(z, 15 * PAGE, 20 * PAGE, MREMAP_MAYMOVE));
    mprotect(z + 2 * PAGE, PAGE, PROT_READ);
    ok("... of two mappings", (long)mremap(z, 4 * PAGE, 2 * PAGE, 0));
    ok("... what was cut off", mprotect(z + 2 * PAGE, PAGE, PROT_READ));
    ok("... of a length beyond all", (long)mremap(z, PAGE, 1l << 44, 0));
    ok("mlock of -1", mlock(z, -1));
    ok("munlock of -1", munlock(z, -1));
}

static bool writes(char *at)
{
    if (sigsetjmp(back, 1))
        return false;
    *at = 1;
    return true;
}

static void grows(void)
{
    char *top = mmap((void *)0x20000000, 600 * PAGE, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    munmap(top, 600 * PAGE);
    char *g =
        mmap(top + 590 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
    mmap(top + 10 * PAGE, PAGE, PROT_READ,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    on(SIGSEGV, jump, SA_NODEFER);
    say("a stack grows by a page", writes(g - 1));
    say("... to 256 pages above another mapping", writes(top + 267 * PAGE));
    say("... nearer", writes(top + 266 * PAGE));
    mprotect(top + 10 * PAGE, PAGE, PROT_NONE);
    say("... than to one without rights", writes(top + 11 * PAGE));
    say("PROT_GROWSDOWN", mprotect(g, PAGE, PROT_READ | GROWSDOWN));
    say("... the whole stack", writes(top + 300 * PAGE));
    const size_t size = 64ul << 20 | PAGE; /* no hole between others fits */
    char *above = mmap(NULL, size, PROT_READ,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0);
    char *below =
        mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    say("mmap leaves a stack its gap",
        below + size <= above && above - below - size >= 256 * PAGE);
    munmap(above, size);
    munmap(below, size);
    char *z = pages(2);
    say("... of another mapping", mprotect(z, PAGE, PROT_READ | GROWSDOWN));
    munmap(z, 2 * PAGE);
    say("... of nothing", mprotect(z, PAGE, PROT_READ | GROWSDOWN));
}

/* ---- files ---- */

static void sends(void)
{
    static const char *const names[] = {
        "/dev/zero",         "/dev/full",       "/dev/urandom",
        "/dev/null",         "/proc/version",   "/proc/sys/kernel/pid_max",
        "/proc/self/maps",   "/proc/self/stat", "/proc",
        "/proc/self/environ"};
    int out = open("sent", O_RDWR | O_CREAT | O_TRUNC, 0600);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int in = open(names[i], O_RDONLY);
        off_t at = 0;
        printf("sendfile of %s at 0: ", names[i]);
        say("", sendfile(out, in, &at, 5));
        printf("to %ld, at its position: ", (long)at);
        say("", sendfile(out, in, NULL, 5));
        say("... which is then", lseek(in, 0, SEEK_CUR));
        close(in);
    }
    say("sync_file_range beyond all",
        syscall(SYS_sync_file_range, out, (1ul << 63) - 1, 1, 2));
    unlink("sent");
}

static void names_in_proc(void)
{
    int fd = open("file", O_RDWR | O_CREAT, 0600);
    say("mkdir", mkdir("/proc/x", 0700));
    say("open", open("/proc/x", O_CREAT | O_RDWR, 0600));
    say("link", link("file", "/proc/x"));
    say("symlink", symlink("a", "/proc/x"));
    say("mkfifo", mkfifo("/proc/x", 0600));
    say("rename", rename("file", "/proc/x"));
    close(fd);
    unlink("file");
}

static void group_of_a_session(void)
{
    int p[2], q[2];
    char byte = 0;
    if (pipe2(p, O_CLOEXEC) || pipe(q))
        return;
    pid_t child = fork();
    if (child == 0) {
        setsid();
        dup2(q[0], 0);
        close(q[1]);
        execl("/proc/self/exe", "answer", "wait", NULL);
        _exit(1);
    }
    close(p[1]);
    if (read(p[0], &byte, 1) == 0) /* it runs the program */
        say("setpgid of a child in a session of its own",
            setpgid(child, child));
    close(q[1]);
    waitpid(child, NULL, 0);
}

static void children(void)
{
    pid_t child =
        syscall(SYS_clone, SIGCHLD | CLONE_PARENT_SETTID, 0, nowhere, 0, 0);
    if (child == 0)
        _exit(setpgid(0, 0));
    ok("clone that cannot store the parent's tid", child);
    nap(20);
    say("setpgid of process -1", setpgid(-1, 0));
    say("waitid for group 1, which is not 'any child'",
        waitid(P_PGID, 1, NULL, WEXITED | WNOHANG));
    ok("wait", wait(NULL));
}

static void *gives_terminal_up(void *fd)
{
    say("TIOCNOTTY by a thread", ioctl(*(int *)fd, TIOCNOTTY));
    return NULL;
}

/* The terminal is a pseudo-terminal on the host, which the guest has not. */
static void terminal(void)
{
    pthread_t t;
    int done[2], pty = posix_openpt(O_RDWR | O_NOCTTY);
    char byte;
    if (pipe(done))
        return;
    signal(SIGHUP, SIG_IGN);
    setsid();
    int fd = open(pty < 0 || unlockpt(pty) ? "/dev/ttyS0" : ptsname(pty),
                  O_RDWR | O_NOCTTY);
    say("TIOCSCTTY", ioctl(fd, TIOCSCTTY, 1)); /* in the guest, from a shell */
    say("foreground group", tcgetpgrp(fd) == getpid());
    fflush(stdout);
    if (fork() == 0) {
        say("TIOCSCTTY by another process", ioctl(fd, TIOCSCTTY, 0));
        fflush(stdout);
        setpgid(0, 0);
        if (fork())
            _exit(0); /* and leaves its group without a parent */
        nap(20);
        say("tcsetpgrp by an orphaned group", tcsetpgrp(fd, getpgrp()));
        fflush(stdout);
        _exit(0);
    }
    close(done[1]);
    ok("all have ended", read(done[0], &byte, 1));
    pthread_create(&t, NULL, gives_terminal_up, &fd);
    pthread_join(t, NULL);
    say("/dev/tty", open("/dev/tty", O_RDWR));
    fflush(stdout);
    if (fork() == 0) {
        setsid();
        say("TIOCSCTTY by the next session", ioctl(fd, TIOCSCTTY, 0));
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    wait(NULL);
}

static void exec_without_room(void)
{
    struct rlimit room = {0, 0};
    setrlimit(RLIMIT_DATA, &room);
    execl("/proc/self/exe", "answer", "wait", NULL);
    _exit(1);
}

static void directories(void)
{
    struct stat st;
    mkdir("/dev/shm/d", 0700);
    for (int i = 0; i < 3; i++) {
        stat("/dev/shm/d", &st);
        say("size of a directory of tmpfs", st.st_size);
        if (i == 0)
            symlink("a", "/dev/shm/d/name");
        else
            unlink("/dev/shm/d/name");
    }
    rmdir("/dev/shm/d");
}

static const char *numbered(int i)
{
    static char name[2][30];
    snprintf(name[i % 2], sizeof *name, "/dev/shm/link%d", i);
    return name[i % 2];
}

static void limits_of_calls(void)
{
    static volatile size_t all = (size_t)-1;
    static char text[2 * PAGE] = "/dev/shm/long/";
    struct flock lock = {
        .l_type = F_WRLCK, .l_start = 9, .l_len = LONG_MAX - 8};
    int fd = open("/dev/shm/edge", O_RDWR | O_CREAT, 0600);
    int other = open("/dev/shm/edge", O_RDWR), place = open("/", O_PATH);
    say("tmpfs: a byte at 2^44", pwrite(fd, "x", 1, 1l << 44));
    say("read into more than all addresses", read(fd, text, all));
    say("pread, O_PATH", pread(place, text, 1, 0));
    say("lock up to the last offset", fcntl(fd, F_OFD_SETLK, &lock));
    fcntl(other, F_OFD_GETLK, &lock);
    say("... has no length", lock.l_len);
    for (int i = 0; i < 12; i++)
        symlink(numbered(i + 1), numbered(i));
    ok("open makes a file behind 12 links", open(numbered(0), O_CREAT, 0600));
    for (int i = 0; i <= 12; i++)
        ok("... link", unlink(numbered(i)));
    for (long i = 0; i < 2 * PAGE / 3; i += 2)
        memcpy(text + 14 + i, "./", 2);
    symlink(text + 14, "/dev/shm/long");
    say("text of a link and rest, longer than a path", access(text, F_OK));
    say("sleep by a raw clock",
        syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0,
                &(struct timespec){0}, NULL));
    say("sigprocmask that cannot read the set for an unknown use",
        syscall(SYS_rt_sigprocmask, 9, nowhere, 0, 8));
    unlink("/dev/shm/long");
    unlink("/dev/shm/edge");
}

static void inodes(void)
{
    struct statfs before, after;
    int fd = open("/dev/shm/a", O_RDWR | O_CREAT, 0600);
    statfs("/dev/shm", &before);
    say("files of tmpfs: half of all frames at most",
        before.f_files <= (fsfilcnt_t)sysconf(_SC_PHYS_PAGES) &&
            before.f_files >= (fsfilcnt_t)sysconf(_SC_PHYS_PAGES) / 3);
    struct stat was, is;
    link("/dev/shm/a", "/dev/shm/c");
    close(open("/dev/shm/b", O_RDWR | O_CREAT, 0600));
    fstat(fd, &was);
    usleep(20000);
    rename("/dev/shm/b", "/dev/shm/c"); /* takes a name away */
    fstat(fd, &is);
    say("ctime of a file whose name another takes",
        was.st_ctim.tv_sec != is.st_ctim.tv_sec ||
            was.st_ctim.tv_nsec != is.st_ctim.tv_nsec);
    unlink("/dev/shm/c");
    link("/dev/shm/a", "/dev/shm/b");
    statfs("/dev/shm", &after);
    say("a second name counts", (long)(before.f_ffree - after.f_ffree));
    unlink("/dev/shm/b");
    statfs("/dev/shm", &after);
    say("... while it is there", (long)(before.f_ffree - after.f_ffree));
    struct stat st;
    struct timespec old[2] = {{1, 0}, {1, 0}};
    for (int written = 0; written < 2; written++) {
        if (written && write(fd, "x", 1) != 1)
            say("write", -1);
        futimens(fd, old);
        truncate("/dev/shm/a", written);
        fstat(fd, &st);
        printf("%d bytes, ", written);
        say("truncate to the same size changes the time", st.st_mtime != 1);
    }
    unlink("/dev/shm/a");
}

/* ---- memory ---- */

/* As an ordinary user, who may lower what it has raised itself, but learns of
 * a file that it may not write nothing from mincore. */
static void of_a_user(void)
{
    static const char *const adjust[] = {"500", "100", "0", "-1"};
    unsigned char in[16] = {0};
    int adj = open("/proc/self/oom_score_adj", O_WRONLY), n = 0;
    int file = open("/bin/sh", O_RDONLY);
    void *p = mmap(NULL, sizeof in * PAGE, PROT_READ, MAP_SHARED, file, 0);
    if (!geteuid() && (setgid(65534) || setuid(65534)))
        say("setuid", -1);
    for (size_t i = 0; i < sizeof adjust / sizeof *adjust; i++)
        say(adjust[i], pwrite(adj, adjust[i], strlen(adjust[i]), 0));
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    say("mincore", mincore(p, sizeof in * PAGE, in));
    for (size_t i = 0; i < sizeof in; i++)
        n += in[i] & 1;
    say("... as if all pages were in memory", n);
}

static void hint_below_the_stack(void)
{
    char local, *page = (char *)((unsigned long)&local & -PAGE);
    char *hint = page - 200 * PAGE;
    say("a hint in the gap below the stack is taken",
        mmap(hint, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
            hint);
}

int main(int argc, char **argv)
{
    char byte;
    (void)argv;
    if (argc > 1)
        return (int)read(0, &byte, 1);
    in_child("frame without room", frame_without_room);
    in_child("order", order);
    in_child("stacks", stacks);
    in_child("old values nowhere", old_values_nowhere);
    in_child("queues", queues);
    in_child("alarms", alarms);
    in_child("shrinks", shrinks);
    in_child("grows", grows);
    in_child("sends", sends);
    in_child("names in proc", names_in_proc);
    in_child("group of a session", group_of_a_session);
    in_child("children", children);
    in_child("terminal", terminal);
    in_child("exec without room", exec_without_room);
    in_child("directories", directories);
    in_child("limits of calls", limits_of_calls);
    in_child("inodes", inodes);
    in_child("memory of a user", of_a_user);
    in_child("below the stack", hint_below_the_stack);
    puts("end");
    return 0;
}
