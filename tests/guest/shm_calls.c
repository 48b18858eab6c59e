/* SPDX-License-Identifier: MIT */
/* Prints the results of System V's calls for shared memory, as far as they are
 * the same on every Linux. shm.t compiles this program for the host and for the
 * guest; both must print the same lines. Must run as root. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>
#include "says.h"

#define PAGE 4096ul
#define KEY  0x4c6f636b

static long at(int id, const void *where, int flags)
{
    return (long)shmat(id, where, flags);
}

static int attached(int id)
{
    struct shmid_ds ds;
    return shmctl(id, IPC_STAT, &ds) ? -1 : (int)ds.shm_nattch;
}

/* Prints the segment's line in /proc/sysvipc/shm, or that it has none. */
static void listed(int id)
{
    FILE *f = fopen("/proc/sysvipc/shm", "r");
    char line[512];
    int key, shmid, cpid, lpid, n, uid;
    unsigned mode;
    unsigned long size, found = 0;
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "%d %d %o %lu %d %d %d %d", &key, &shmid, &mode, &size,
                   &cpid, &lpid, &n, &uid) == 8 &&
            shmid == id) {
            printf("listed: key %x, mode %o, size %lu, by %d, %d mappings, "
                   "uid %d\n",
                   key, mode, size, cpid == getpid(), n, uid);
            found = 1;
        }
    if (!found)
        puts("not listed");
    if (f)
        fclose(f);
}

/* Prints size, rights, name of each segment's mapping in /proc/self/maps. */
static void mapped(void)
{
    FILE *f = fopen("/proc/self/maps", "r");
    char line[512], rights[8], name[64];
    unsigned long from, to;
    while (f && fgets(line, sizeof line, f))
        if (strstr(line, "SYSV") && sscanf(line, "%lx-%lx %4s %*s %*s %*s %63s",
                                           &from, &to, rights, name) == 4)
            printf("mapped: %lu pages %s %s\n", (to - from) / PAGE, rights,
                   name);
    if (f)
        fclose(f);
}

static void getting(void)
{
    ok("get what is not there", shmget(KEY, PAGE, 0600));
    ok("get nothing", shmget(KEY, 0, IPC_CREAT | 0600));
    ok("get too much", shmget(KEY, ~0ul, IPC_CREAT | 0600));
    int id = shmget(KEY, 5000, IPC_CREAT | IPC_EXCL | 0640);
    ok("make", id);
    ok("make again", shmget(KEY, 5000, IPC_CREAT | IPC_EXCL | 0640));
    ok("the same", shmget(KEY, 5000, IPC_CREAT | 0600) == id ? 0 : -1);
    ok("by its key", shmget(KEY, 0, 0) == id ? 0 : -1);
    ok("too big", shmget(KEY, 8192, 0));
    listed(id);
    struct shmid_ds ds = {0};
    ok("stat", shmctl(id, IPC_STAT, &ds));
    printf("size %zu, mode %o, key %x, creator %d, attached %d, times %d %d "
           "%d\n",
           ds.shm_segsz, ds.shm_perm.mode, ds.shm_perm.__key,
           ds.shm_cpid == getpid(), (int)ds.shm_nattch, ds.shm_atime != 0,
           ds.shm_dtime != 0, ds.shm_ctime != 0);
    ds.shm_perm.mode = 0604;
    ds.shm_perm.uid = 77;
    ok("set", shmctl(id, IPC_SET, &ds));
    listed(id);
    ok("remove", shmctl(id, IPC_RMID, NULL));
    listed(id);
    ok("remove again", shmctl(id, IPC_RMID, NULL));
    ok("attach what is gone", at(id, NULL, 0));
    ok("bad id", shmctl(-1, IPC_STAT, &ds));
    ok("bad command", shmctl(0, 99, &ds));
    int two = shmget(KEY, PAGE, IPC_CREAT | 0600);
    printf("another number: %d\n", two != id);
    shmctl(two, IPC_RMID, NULL);
}

static void attaching(void)
{
    int id = shmget(IPC_PRIVATE, 3 * PAGE - 100, 0600), status;
    char *p = shmat(id, NULL, 0), *q;
    ok("attach", (long)p);
    printf("zeros: %d, to the end of its page: %d\n", p[0], p[3 * PAGE - 1]);
    strcpy(p, "first");
    q = shmat(id, NULL, SHM_RDONLY);
    printf("twice: %s, %d attached\n", q, attached(id));
    ok("read-only stays so", mprotect(q, PAGE, PROT_READ | PROT_WRITE));
    mapped();
    ok("not on a page", at(id, p + 1, 0));
    ok("where something is", at(id, p, 0));
    ok("remap nowhere", at(id, NULL, SHM_REMAP));
    ok("remap there", at(id, q, SHM_REMAP) == (long)q ? 0 : -1);
    printf("%d attached\n", attached(id));
    ok("detach a middle", shmdt(p + PAGE));
    ok("detach", shmdt(p));
    ok("detach again", shmdt(p));
    ok("round down", at(id, p + 100, SHM_RND) == (long)p ? 0 : -1);
    if (fork() == 0) {
        printf("child: %s, %d attached\n", p, attached(id));
        strcpy(p, "second");
        ok("child: detach", shmdt(q));
        printf("child: %d attached\n", attached(id));
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    printf("parent: %s, %d attached\n", q, attached(id));
    munmap(p + PAGE, PAGE);
    printf("without its middle: %d attached\n", attached(id));
    ok("detach all parts", shmdt(p));
    printf("%d attached\n", attached(id));
    ok("remove while attached", shmctl(id, IPC_RMID, NULL));
    listed(id);
    printf("still there: %s\n", q);
    ok("attach what is removed", (long)(p = shmat(id, NULL, 0)));
    ok("detach", shmdt(p));
    ok("detach the last", shmdt(q));
    ok("now it has gone", attached(id));
}

/* exit and exec detach segments; an unattached segment keeps its content. */
static void leaving(void)
{
    int id = shmget(IPC_PRIVATE, PAGE, 0600), status;
    if (fork() == 0) {
        strcpy(shmat(id, NULL, 0), "left behind");
        _exit(0);
    }
    wait(&status);
    char *p = shmat(id, NULL, 0);
    printf("%s, %d attached\n", p, attached(id));
    shmdt(p);
    if (fork() == 0) {
        shmat(id, NULL, 0);
        shmctl(id, IPC_RMID, NULL);
        execl("/proc/self/exe", "shm", "quick", NULL);
        _exit(9);
    }
    wait(&status);
    printf("exec: %d\n", WEXITSTATUS(status));
    ok("exec detached the segment, so it is removed", attached(id));
}

static void rights(void)
{
    int id = shmget(KEY, PAGE, IPC_CREAT | 0604), status;
    fflush(stdout);
    if (fork() == 0) {
        struct shmid_ds ds;
        if (setgid(4321) || setuid(1234))
            _exit(1);
        ok("other: get for reading", shmget(KEY, 0, 0400));
        ok("other: get for writing", shmget(KEY, 0, 0600));
        ok("other: attach", at(id, NULL, 0));
        ok("other: attach to read", at(id, NULL, SHM_RDONLY));
        ok("other: to run", at(id, NULL, SHM_RDONLY | SHM_EXEC));
        ok("other: stat", shmctl(id, IPC_STAT, &ds));
        ok("other: set", shmctl(id, IPC_SET, &ds));
        ok("other: remove", shmctl(id, IPC_RMID, NULL));
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    ok("remove", shmctl(id, IPC_RMID, NULL));
}

static void usage(void)
{
    struct shm_info info, more;
    struct shminfo limits;
    int id = shmget(IPC_PRIVATE, 10 * PAGE, 0600);
    shmctl(0, SHM_INFO, (struct shmid_ds *)&info);
    int two = shmget(IPC_PRIVATE, 10 * PAGE, 0600);
    memset(shmat(two, NULL, 0), 1, 3 * PAGE);
    int top = shmctl(0, SHM_INFO, (struct shmid_ds *)&more);
    printf("%d segments more, %lu pages, %lu in memory\n",
           more.used_ids - info.used_ids, more.shm_tot - info.shm_tot,
           more.shm_rss - info.shm_rss);
    struct shmid_ds ds;
    int found = 0;
    for (int i = 0; i <= top; i++)
        found += shmctl(i, SHM_STAT, &ds) == two && ds.shm_nattch == 1;
    printf("found by its index: %d\n", found);
    ok("limits", shmctl(0, IPC_INFO, (struct shmid_ds *)&limits));
    printf("max %lu, min %lu, segments %lu\n", limits.shmmax, limits.shmmin,
           limits.shmmni);
    shmctl(id, IPC_RMID, NULL);
    shmctl(two, IPC_RMID, NULL);
}

/* A segment's name in maps keeps the key with which the segment was made. */
static void name_in_maps(void)
{
    int id = shmget(KEY, PAGE, IPC_CREAT | 0600);
    char *p = shmat(id, NULL, 0);
    mapped();
    ok("remove", shmctl(id, IPC_RMID, NULL));
    mapped();
    listed(id);
    int again = shmget(KEY, PAGE, IPC_CREAT | IPC_EXCL | 0600);
    ok("its key is free", again);
    shmctl(again, IPC_RMID, NULL);
    shmdt(p);
}

static int much, little;

/* mlockall(MCL_FUTURE) locks attached segments, too, up to RLIMIT_MEMLOCK. */
static void locked_future(void)
{
    struct rlimit limit = {16 * PAGE, 16 * PAGE};
    unsigned char in[4];
    setrlimit(RLIMIT_MEMLOCK, &limit);
    ok("become a user", setuid(1000));
    ok("lock the future", mlockall(MCL_FUTURE));
    ok("attach more than may be locked", at(much, NULL, 0));
    char *p = shmat(little, NULL, 0);
    ok("less", p == (void *)-1 ? -1 : mincore(p, 4 * PAGE, in));
    printf("in memory: %d %d\n", in[0] & 1, in[3] & 1);
    ok("attach over another", at(little, p, 0));
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return argv[1][0] == 'q' ? 5 : 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    getting();
    attaching();
    leaving();
    rights();
    usage();
    name_in_maps();
    much = shmget(IPC_PRIVATE, 64 * PAGE, 0666);
    little = shmget(IPC_PRIVATE, 4 * PAGE, 0666);
    in_child("a locker", locked_future);
    shmctl(much, IPC_RMID, NULL);
    shmctl(little, IPC_RMID, NULL);
    puts("end");
    return 0;
}
