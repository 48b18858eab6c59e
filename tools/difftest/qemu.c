/* SPDX-License-Identifier: MIT */
/* Runs the judge, qemu-system-riscv64. Its `virt` board has its RAM in a file
 * that this process maps, too. The program ends QEMU by the finisher. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"

#define PATIENCE_MS 10000

extern char **environ;

static struct {
    int fd;
    u8 *ram;
    pid_t pid;
} qemu;

/* The extensions that QEMU can switch, and its property for each. */
static const struct {
    const char *name, *property;
} exts[] = {
    {"zba", "zba"},       {"zbb", "zbb"},         {"zbc", "zbc"},
    {"zbkc", "zbkc"},     {"zbs", "zbs"},         {"zbkb", "zbkb"},
    {"zbkx", "zbkx"},     {"zfh", "Zfh"},         {"zfhmin", "Zfhmin"},
    {"sstc", "sstc"},     {"svinval", "svinval"}, {"svnapot", "svnapot"},
    {"svpbmt", "svpbmt"},
};

static bool ours(const char *name, u64 *bit)
{
    for (unsigned i = 0; i < EXT_COUNT; i++)
        if (!strcmp(isa_exts[i].name, name)) {
            *bit = 1ull << i;
            return true;
        }
    return false;
}

u64 qemu_exts(void)
{
    u64 set = EXT_BIT(M) | EXT_BIT(A) | EXT_BIT(F) | EXT_BIT(D) | EXT_BIT(C) |
              EXT_BIT(ZICNTR) | EXT_BIT(ZIFENCEI) | EXT_BIT(ZIHPM),
        bit;
    for (unsigned i = 0; i < ARRAY_LEN(exts); i++)
        if (ours(exts[i].name, &bit))
            set |= bit;
    return isa_closed(set);
}

static void cpu_text(char *text, size_t n, const struct setting *s)
{
    u64 set = s->exts;
    size_t at = (size_t)snprintf(
        text, n, "rv64,h=false,v=false,pmu-num=%d,debug=%s",
        set & EXT_BIT(ZIHPM) ? 29 : 0, s->triggers ? "true" : "false");
    for (unsigned i = 0; i < ARRAY_LEN(exts); i++) {
        u64 bit = 0;
        ours(exts[i].name, &bit);
        at += (size_t)snprintf(text + at, n - at, ",%s=%s", exts[i].property,
                               set & bit ? "true" : "false");
    }
    assert(at < n);
}

static void open_ram(void)
{
    int fd = memfd_create("ram", 0);
    if (fd < 0 || ftruncate(fd, RAM_SIZE))
        die("difftest", "no memory for QEMU");
    u8 *ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (ram == MAP_FAILED)
        die("difftest", "no memory for QEMU");
    qemu.fd = fd;
    qemu.ram = ram;
}

void qemu_start(const u8 *image, const struct setting *s)
{
    char cpu[400], object[160];
    if (!qemu.ram)
        open_ram();
    memcpy(qemu.ram, image, IMAGE_BYTES);
    cpu_text(cpu, sizeof cpu, s);
    snprintf(object, sizeof object,
             "memory-backend-file,id=ram,size=%d,share=on,mem-path=/proc/%d/"
             "fd/%d",
             RAM_SIZE, getpid(), qemu.fd);
    char *argv[] = {(char *)s->qemu, "-M",   "virt,memory-backend=ram",
                    "-object",       object, "-m",
                    "16M",           "-smp", "2",
                    "-cpu",          cpu,    "-nodefaults",
                    "-display",      "none", "-bios",
                    "none",          NULL};
    posix_spawn_file_actions_t fa;
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
    int e = posix_spawnp(&qemu.pid, s->qemu, &fa, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&fa);
    if (e)
        die(s->qemu, "%s", strerror(e));
}

static bool ended(pid_t pid, int ms)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    bool yes = poll(&p, 1, ms) == 1;
    close(fd);
    return yes;
}

bool qemu_wait(u8 *out, const char **why)
{
    pid_t pid = qemu.pid;
    int status;
    bool late = !ended(pid, PATIENCE_MS);
    if (late)
        kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    qemu.pid = 0;
    memcpy(out, qemu.ram, IMAGE_BYTES);
    *why = late ? "QEMU does not end" : "QEMU ended badly";
    return !late && status == 0;
}
