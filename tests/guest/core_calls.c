/* SPDX-License-Identifier: MIT */
/* core_calls DIR: prints for each case whether a core file is written, and the
 * status that wait reports. DIR is empty, and anybody may write there. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static void limit_core(rlim_t n)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){n, n});
}

static void nothing(void)
{
}

/* Forks a child that calls `before` and dies of `sig`; prints its status and
 * the file left behind. */
static void die(const char *name, int sig, void (*before)(void),
                const char *file)
{
    struct stat st;
    siginfo_t info;
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        before();
        raise(sig);
        _exit(0);
    }
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) ||
        waitpid(pid, &status, 0) != pid)
        exit(3);
    printf("%s: %d %s%s%s", name, WTERMSIG(status),
           WCOREDUMP(status) ? "dumped" : "killed",
           WIFSIGNALED(status) ? "" : "?",
           info.si_status == sig &&
                   info.si_code == (WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED)
               ? ""
               : ", waitid disagrees");
    if (lstat(file, &st))
        printf(", no file\n");
    else if (S_ISREG(st.st_mode))
        printf(", file of %u mode %o%s\n", st.st_uid, st.st_mode & 07777,
               st.st_size <= 8192 ? ", cut short" : "");
    else
        printf(", something else\n");
    unlink(file);
}

static void limit_0(void)
{
    limit_core(0);
}
static void limit_4095(void)
{
    limit_core(4095);
}
static void limit_8192(void)
{
    limit_core(8192);
}
static void file_8192(void)
{
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){8192, 8192});
}
static void not_dumpable(void)
{
    prctl(PR_SET_DUMPABLE, 0);
}
static void dumpable_again(void)
{
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_DUMPABLE, 1);
}
static void other_user(void)
{
    if (setuid(NOBODY))
        _exit(3);
}
static void other_user_dumpable(void)
{
    other_user();
    prctl(PR_SET_DUMPABLE, 1);
}
static void other_group(void)
{
    if (setegid(NOBODY))
        _exit(3);
}
/* Runs a program that this user may execute, but not read. */
static void unreadable(void)
{
    other_user();
    execl("/tests/unreadable", "unreadable", "abort", NULL);
    _exit(3);
}
static void no_directory(void)
{
    if (chdir("/proc"))
        _exit(3);
}
static void forked_not_dumpable(void)
{
    int status;
    not_dumpable();
    pid_t pid = fork();
    if (!pid)
        abort();
    waitpid(pid, &status, 0);
    dumpable_again();
    if (WCOREDUMP(status))
        _exit(3);
}

static int write_pattern(const char *text)
{
    int fd = open("/proc/sys/kernel/core_pattern", O_WRONLY), err = 0;
    if (write(fd, text, strlen(text)) < 0)
        err = errno;
    close(fd);
    return err;
}

static void patterns(void)
{
    char name[64];
    printf("a program: %s\n", strerror(write_pattern("|/bin/cat %p\n")));
    write_pattern("c.%e.%s.%u.%%.%q.%\n");
    die("pattern", SIGABRT, other_user_dumpable, "c.core!calls.6.65534.%..");
    /* Process numbers go up by one; each child of die() has the next. */
    write_pattern("pid.%p\n");
    pid_t pid = fork();
    if (!pid)
        _exit(0);
    waitpid(pid, NULL, 0);
    snprintf(name, sizeof name, "pid.%d", pid + 1);
    die("%p", SIGABRT, nothing, name);
    write_pattern("/tmp/core.%i\n");
    snprintf(name, sizeof name, "/tmp/core.%d", pid + 2);
    die("elsewhere", SIGABRT, nothing, name);
    write_pattern("core\n");
}

/* A core file replaces a link, but neither its target nor a directory. */
static void old_files(void)
{
    struct stat st;
    int fd = open("other", O_CREAT | O_RDWR, 0644);
    if (link("other", "core"))
        exit(3);
    die("a link", SIGABRT, nothing, "core");
    fstat(fd, &st);
    printf("its other name: %ld bytes\n", (long)st.st_size);
    if (symlink("other", "core"))
        exit(3);
    die("a symbolic link", SIGABRT, nothing, "core");
    fstat(fd, &st);
    printf("what it led to: %ld bytes\n", (long)st.st_size);
    mkdir("core", 0755);
    die("a directory", SIGABRT, nothing, "core");
    rmdir("core");
}

int main(int argc, char **argv)
{
    char name[16];
    if (argc > 1 && !strcmp(argv[1], "abort"))
        abort();
    if (argc < 2 || chdir(argv[1]))
        return 2;
    umask(022);
    prctl(PR_SET_NAME, "core/calls");
    die("by default", SIGABRT, nothing, "core");
    limit_core(RLIM_INFINITY);
    for (int sig = 1; sig < 32; sig++) {
        if ((SIGCHLD <= sig && sig <= SIGTTOU) || sig == SIGURG ||
            sig == SIGWINCH)
            continue;
        snprintf(name, sizeof name, "signal %d", sig);
        die(name, sig, nothing, "core");
    }
    die("limit 0", SIGSEGV, limit_0, "core");
    die("limit 4095", SIGSEGV, limit_4095, "core");
    die("limit 8192", SIGSEGV, limit_8192, "core");
    die("RLIMIT_FSIZE", SIGSEGV, file_8192, "core");
    die("not dumpable", SIGSEGV, not_dumpable, "core");
    die("dumpable again", SIGSEGV, dumpable_again, "core");
    printf("2: %s\n", prctl(PR_SET_DUMPABLE, 2) ? strerror(errno) : "taken");
    printf("PR_GET_DUMPABLE: %d\n", prctl(PR_GET_DUMPABLE));
    die("inherited", SIGSEGV, forked_not_dumpable, "core");
    die("another user", SIGSEGV, other_user, "core");
    die("another user, dumpable", SIGSEGV, other_user_dumpable, "core");
    die("another group", SIGSEGV, other_group, "core");
    die("unreadable program", SIGABRT, unreadable, "core");
    die("no place for it", SIGABRT, no_directory, "core");
    old_files();
    patterns();
    return 0;
}
