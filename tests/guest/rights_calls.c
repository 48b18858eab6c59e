/* SPDX-License-Identifier: MIT */
/* Prints the kernel's answers when a process asks for what belongs to another
 * user. limits.t runs this program, like limit_calls.c, on the host and in the
 * guest. Argument: a directory to work in. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "says.h"

#define ALICE   23456
#define BOB     65534
#define SAY(it) ok(#it, (long)(it))

static void become_alice(void)
{
    SAY(setgroups(2, (gid_t[]){2001, 2002}) || setgid(ALICE) || setuid(ALICE));
}

static void file(const char *what, long ret, const char *name)
{
    struct stat st = {.st_uid = 99};
    ok(what, ret);
    lstat(name, &st);
    printf("  %o %u %u\n", st.st_mode, st.st_uid, st.st_gid);
}

static void look_at(pid_t pid)
{
    static const char *const names[] = {"environ", "maps", "smaps", "exe",
                                        "comm",    "cwd",  "fd/0",  "stat"};
    char path[64], text[1024] = "", *at = text;
    int fd = -1;
    for (int i = 0; i < 8; i++) {
        snprintf(path, sizeof path, "/proc/%d/%s", pid, names[i]);
        SAY(write(open(path, O_WRONLY), "new", i == 4 ? 3 : 0));
        file(names[i], fd = open(path, O_RDONLY), path);
    }
    SAY(read(fd, text, sizeof text - 1));
    for (int i = 2; at && i <= 28; i++)
        at = strchr(at + 1, ' ');
    printf("the stack's address: %d\n", at && atol(at) != 0);
    SAY(syscall(SYS_get_robust_list, pid, &at, &(size_t){0}));
    SAY(sched_setaffinity(pid, 8, (cpu_set_t *)(long[]){1}));
    SAY(setpriority(PRIO_PROCESS, (id_t)pid, 19));
}

static void processes(void)
{
    static const uid_t ids[][4] = {{ALICE, ALICE, ALICE, 0},
                                   {ALICE, ALICE, 0, 1},
                                   {BOB, ALICE, ALICE, 1},
                                   {BOB, BOB, ALICE, 1}}; /* [3]: dumpable */
    pid_t pid[4];
    dup2(open("file", O_RDWR | O_CREAT, 0666), 0);
    for (int i = 0; i < 4; i++) {
        if ((pid[i] = fork()) == 0) {
            setresgid(ALICE, ALICE, ALICE);
            setresuid(ids[i][0], ids[i][1], ids[i][2]);
            prctl(PR_SET_DUMPABLE, ids[i][3]);
            raise(SIGSTOP);
        }
        waitpid(pid[i], NULL, WUNTRACED);
    }
    become_alice();
    for (int i = 0; i < 4; i++) {
        look_at(pid[i]);
        kill(pid[i], SIGKILL);
    }
    look_at(getpid());
}

static void identities(void)
{
    uid_t u[3];
    for (int i = 0; i < 6; i++) {
        ok("ids", i == 0   ? setresgid(1, 2, 3) || setresuid(1, 2, 3)
                  : i == 1 ? setreuid(3, -1)
                  : i == 2 ? setregid(2, -1)
                  : i == 3 ? setreuid(1, -1)
                           : setreuid(-1, i == 4 ? 3 : 1));
        SAY(getresuid(&u[0], &u[1], &u[2]));
        printf("%u %u %u\n", u[0], u[1], u[2]);
    }
    fflush(stdout);
    execlp("grep", "grep", "[UG]id", "/proc/self/status", NULL);
}

/* Makes each change to files and directories of two users and two groups. */
static void changes(void)
{
    static const mode_t modes[] = {06777, 02767, S_IFDIR | 06777};
    char name[120][8];
    for (int i = 0; i < 120; i++) {
        mode_t mode = modes[i / 4 % 3];
        snprintf(name[i], sizeof name[i], "%d", i);
        SAY(S_ISDIR(mode) ? mkdir(name[i], 0) : mknod(name[i], S_IFREG, 0));
        SAY(chown(name[i], i % 2 ? ALICE : BOB, i / 2 % 2 ? 2001 : BOB));
        SAY(chmod(name[i], mode & 07777));
    }
    become_alice();
    for (int i = 0; i < 120; i++) {
        int how = i / 12, fd = open(name[i], how ? O_RDWR : O_RDWR | O_TRUNC);
        long ret = how == 0   ? fd
                   : how == 1 ? write(fd, "evil", 4)
                   : how == 2 ? write(fd, "", 0)
                   : how == 3 ? ftruncate(fd, 9)
                   : how == 4 ? chmod(name[i], 06745)
                   : how == 5 ? chown(name[i], -1, 2002)
                   : how == 6 ? chown(name[i], -1, 2003)
                   : how == 7 ? chown(name[i], -1, -1)
                   : how == 8 ? open(name[i], O_NOATIME)
                              : fcntl(fd, F_SETFL, O_NOATIME);
        file(name[i], ret, name[i]);
        if (modes[i / 4 % 3] == modes[2] && !chdir(name[i])) {
            file("made", mkdir("d", 07755), "d");
            file("made", open("f", O_CREAT | O_RDWR, 06775), "f");
            SAY(chdir(".."));
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 2 || chdir(argv[1]))
        return 2;
    umask(0);
    in_child("processes", processes);
    in_child("identities", identities);
    in_child("changes", changes);
    puts("end");
    return 0;
}
