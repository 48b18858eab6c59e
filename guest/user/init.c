/* SPDX-License-Identifier: MIT */
/* The first program. It does one of three things:
 *
 *   init -c CMD       (kernel command line run=CMD) runs CMD with sh -c on
 *                     the console and powers off with its status
 *   /dev/hostrun      (clockhand --run CMD) runs CMD on the host's pipes and
 *                     powers off with its status
 *   otherwise         runs a shell on the console, and a new one when it has
 *                     ended and Enter is pressed. At the end of the input (a
 *                     pipe's, or Ctrl-D) it powers off with that shell's status
 *
 * Before that, with sadc=T on the kernel command line, it starts the recorder
 * of system activity. It also reaps every orphan. */
#include "lib/tiny.h"

#include <asm/ioctls.h>

static void use_as_stdio(const char *in, const char *out, const char *err)
{
    const char *path[3] = {in, out, err};
    for (int fd = 0; fd < 3; fd++) {
        s64 got = open(path[fd], fd ? O_WRONLY : O_RDWR, 0);
        if (got < 0)
            got = open(path[fd], fd ? O_WRONLY : O_RDONLY, 0);
        if (got >= 0 && got != fd) {
            SYS3(__NR_dup3, got, fd, 0);
            close((int)got);
        }
    }
}

/* Returns what $? would be: the exit status, or 128 + the signal. */
static int shell_status(int status)
{
    return status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff;
}

static void power_off(int status)
{
    char text[4], *p = text + sizeof text;
    s64 fd = open("/dev/hostexit", O_WRONLY, 0);
    int v = status;
    do
        *--p = (char)('0' + v % 10);
    while (v /= 10);
    if (fd >= 0)
        write((int)fd, p, (size_t)(text + sizeof text - p));
    SYS4(__NR_reboot, 0xfee1dead, 672274793, 0x4321fedc, status);
    for (;;)
        sleep_ms(1000);
}

static void become_shell(char *const argv[])
{
    s64 err = SYS3(__NR_execve, "/bin/sh", argv, environ);
    fprintf_fd(2, "init: /bin/sh: error %ld\n", -err);
    exit(127);
}

/* Reaps until pid has ended; returns its wait status. */
static int reap_until(s64 pid)
{
    for (;;) {
        int status = 0;
        s64 got = wait4(-1, &status, 0);
        if (got == pid)
            return status;
        if (got == -ECHILD)
            return 127 << 8;
    }
}

static int run_command(char *cmd, bool console)
{
    char *const argv[] = {"sh", "-c", cmd, NULL};
    s64 pid = fork();
    if (pid == 0) {
        SYS0(__NR_setsid);
        if (console)
            SYS3(__NR_ioctl, 0, TIOCSCTTY, 0);
        become_shell(argv);
    }
    return pid < 0 ? 126 : shell_status(reap_until(pid));
}

/* Returns --run's command, or NULL if there is none. */
static char *host_command(void)
{
    static char cmd[65536];
    size_t n = 0;
    s64 fd = open("/dev/hostrun", O_RDONLY, 0), got;
    if (fd < 0)
        return NULL;
    while (n < sizeof cmd - 1 &&
           (got = read((int)fd, cmd + n, sizeof cmd - 1 - n)) > 0)
        n += (size_t)got;
    close((int)fd);
    return n ? cmd : NULL;
}

/* With sadc=T, starts sa1, which records the kernel's numbers every T s. */
static void start_recorder(void)
{
    static char text[4096];
    s64 fd = open("/proc/cmdline", O_RDONLY, 0);
    s64 n = fd < 0 ? 0 : read((int)fd, text, sizeof text - 1);
    char *run = strstr(text, "run="), *p = text;
    if (fd >= 0)
        close((int)fd);
    text[n > 0 ? n : 0] = '\0';
    while ((p = strstr(p, "sadc=")) && p != text && p[-1] != ' ')
        p++;
    if (!p || (run && run < p)) /* the rest of the line is the command's */
        return;
    char *every = p + 5, *end = every;
    while (*end && *end != ' ' && *end != '\n')
        end++;
    *end = '\0';
    if (fork() == 0) {
        char *const argv[] = {"sa1", "-b", every, NULL};
        SYS3(__NR_execve, "/era/solaris/bin/sa1", argv, environ);
        exit(127);
    }
}

static int login_shell(void)
{
    char *const argv[] = {"-sh", NULL};
    s64 pid = fork();
    if (pid == 0) {
        SYS0(__NR_setsid);
        close(0);
        close(1);
        close(2);
        use_as_stdio("/dev/console", "/dev/console", "/dev/console");
        SYS3(__NR_ioctl, 0, TIOCSCTTY, 0);
        SYS1(49, "/root"); /* chdir */
        become_shell(argv);
    }
    return pid < 0 ? 126 : shell_status(reap_until(pid));
}

/* Waits for Enter when the shell has ended. True: Enter was pressed; false: the
 * input has ended. */
static bool again(void)
{
    char c;
    printf("\ninit: the shell has ended; Enter starts another one\n");
    for (;;) {
        s64 n = read(0, &c, 1);
        if (n == 0)
            return false;
        if (n == 1 && c == '\n')
            return true;
        if (n < 0 && n != -EINTR)
            sleep_ms(100);
    }
}

int main(int argc, char **argv)
{
    char *cmd;
    use_as_stdio("/dev/console", "/dev/console", "/dev/console");
    start_recorder();
    if (argc == 3 && !strcmp(argv[1], "-c"))
        power_off(run_command(argv[2], true));
    cmd = host_command();
    if (cmd) {
        close(0);
        close(1);
        close(2);
        use_as_stdio("/dev/hostin", "/dev/hostout", "/dev/hosterr");
        power_off(run_command(cmd, false));
    }
    for (;;) {
        int status = login_shell();
        if (!again())
            power_off(status);
    }
}
