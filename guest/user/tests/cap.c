/* SPDX-License-Identifier: MIT */
/* Capabilities: root needs the capability for a privileged call; with it,
 * another user may make the call; giving up root loses the capabilities. */
#include "tests/test.h"

#define VERSION_3 0x20080522u
#define BIT(cap)  (1u << (cap))

enum {
    DAC_OVERRIDE = 1,
    KILL = 5,
    SETGID = 6,
    SETUID = 7,
    SETPCAP = 8,
    SYS_CHROOT = 18,
    SYS_ADMIN = 21,
    SYS_RESOURCE = 24
};

static struct {
    u32 version;
    s32 pid;
} header = {VERSION_3, 0};
static struct {
    u32 effective, permitted, inheritable;
} data[2];

static s64 get(void)
{
    return SYS2(__NR_capget, &header, data);
}

static s64 set(void)
{
    return SYS2(__NR_capset, &header, data);
}

/* Checks the effective and permitted sets of the first 32 capabilities. */
static void check_caps(u32 effective, u32 permitted)
{
    check_eq(get(), 0);
    check_eq(data[0].effective, effective);
    check_eq(data[0].permitted, permitted);
}

static void drop_effective(u32 caps)
{
    check_eq(get(), 0);
    data[0].effective &= ~caps;
    check_eq(set(), 0);
}

/* Makes calls with all capabilities, without six, and with two of the six. */
static void drops(void)
{
    u64 limit[2] = {1 << 20, 1 << 20};
    check_caps(~0u, ~0u);
    check_eq(data[1].permitted, 0x1ff);
    check_eq(SYS1(__NR_chroot, "/"), 0);
    drop_effective(BIT(SYS_CHROOT) | BIT(SYS_ADMIN) | BIT(SETGID) |
                   BIT(DAC_OVERRIDE) | BIT(SYS_RESOURCE) | BIT(KILL));
    check_eq(SYS1(__NR_chroot, "/"), -EPERM);
    check_eq(SYS2(__NR_sethostname, "x", 1), -EPERM);
    check_eq(SYS2(__NR_setgroups, 0, NULL), -EPERM);
    check_eq(SYS4(__NR_prlimit64, 0, 8, limit, NULL), 0);
    limit[1]++;
    check_eq(SYS4(__NR_prlimit64, 0, 8, limit, NULL), -EPERM);
    int fd = (int)open("/tmp/closed", O_RDWR | O_CREAT, 0);
    close(fd);
    check_eq(open("/tmp/closed", O_WRONLY, 0), -EACCES);
    data[0].effective |= BIT(SYS_CHROOT) | BIT(DAC_OVERRIDE);
    check_eq(set(), 0);
    check_eq(SYS1(__NR_chroot, "/"), 0);
    check((fd = (int)open("/tmp/closed", O_WRONLY, 0)) >= 0);
    close(fd);
    SYS3(__NR_unlinkat, AT_FDCWD, "/tmp/closed", 0);
    exit(test_failures);
}

/* Checks refusals: of bad arguments, and of a capability once given up. */
static void refusals(void)
{
    header.pid = -1;
    check_eq(get(), -EINVAL);
    header.pid = 30000;
    check_eq(get(), -ESRCH);
    header.pid = 1;
    check_eq(get(), 0);
    check_eq(data[0].effective, ~0u);
    check_eq(set(), -EPERM);
    header.pid = 0;
    header.version = 1;
    check_eq(get(), -EINVAL);
    check_eq(header.version, VERSION_3);
    check_eq(SYS2(__NR_capget, NULL, data), -EFAULT);
    check_eq(SYS2(__NR_capset, &header, 8), -EFAULT);
    check_eq(get(), 0);
    data[0].permitted &= ~BIT(KILL);
    check_eq(set(), -EPERM); /* effective, and not permitted */
    data[0].effective &= ~BIT(KILL);
    check_eq(set(), 0);
    data[0].permitted |= BIT(KILL);
    check_eq(set(), -EPERM);
    check_eq(SYS2(__NR_prctl, PR_CAPBSET_DROP, KILL), 0);
    check_eq(SYS2(__NR_prctl, PR_CAPBSET_READ, KILL), 0);
    check_eq(SYS2(__NR_prctl, PR_CAPBSET_READ, SETUID), 1);
    check_eq(SYS2(__NR_prctl, PR_CAPBSET_READ, 41), -EINVAL);
    get();
    data[0].inheritable = BIT(KILL);
    check_eq(set(), -EPERM);
    data[0].inheritable = BIT(SETUID);
    check_eq(set(), 0);
    exit(test_failures);
}

static void leaves_root(void)
{
    check_eq(SYS3(__NR_setresuid, -1, 1000, -1), 0);
    check_caps(0, ~0u);
    check_eq(SYS1(__NR_chroot, "/"), -EPERM);
    check_eq(SYS3(__NR_setresuid, -1, 0, -1), 0);
    check_caps(~0u, ~0u);
    check_eq(SYS1(__NR_setuid, 1000), 0);
    check_caps(0, 0);
    check_eq(SYS1(__NR_setuid, 0), -EPERM);
    exit(test_failures);
}

/* Makes calls as a user that has kept one capability. */
static void user_with_one(void)
{
    check_eq(SYS3(__NR_setresuid, -1, 1000, -1), 0);
    get();
    data[0].permitted = data[0].effective = BIT(SYS_CHROOT);
    data[1].permitted = data[1].effective = 0;
    check_eq(set(), 0);
    check_eq(SYS1(__NR_chroot, "/"), 0);
    check_eq(SYS2(__NR_sethostname, "x", 1), -EPERM);
    exit(test_failures);
}

/* After exec, root has the capabilities that the bounding set leaves. */
static void executes(void)
{
    char *const argv[] = {"sh", "-c",
                          "grep -q 'CapEff:.*1fffffbffff' "
                          "/proc/self/status",
                          NULL};
    check_eq(SYS2(__NR_prctl, PR_CAPBSET_DROP, SYS_CHROOT), 0);
    get();
    data[0].effective = data[0].permitted = 0;
    check_eq(set(), 0);
    exit(test_failures ? 9 : (int)SYS3(__NR_execve, "/bin/sh", argv, environ));
}

void test_capabilities(void)
{
    check_eq(in_child(drops), 0);
    check_eq(in_child(refusals), 0);
    check_eq(in_child(leaves_root), 0);
    check_eq(in_child(user_with_one), 0);
    check_eq(in_child(executes), 0);
}
