/* SPDX-License-Identifier: MIT */
/* Serves the host's pipes through the lens, for --run: /dev/host{in,out,err}
 * are the host's standard streams, hostrun gives the command of --run, and a
 * write to hostexit ends the machine. They exist only if there is a lens. */
#include "drv/lens.h"
#include "fs/vfs.h"
#include "fs/poll.h"
#include "fs/uio.h"

/* The machine stalls in this load until there is a byte or the end of input. If
 * it is stopped or saved meanwhile, the load returns LENS_LATER, and is
 * repeated. */
static u64 read_byte(enum lens_register reg)
{
    u64 byte;
    do
        byte = lens_regs[reg / 8];
    while (byte == LENS_LATER);
    return byte;
}

/* Reads bytes from a register until LENS_EOF or until the buffer is full; with
 * `line`, until a newline. Bytes are read one at a time, so that no more
 * standard input is consumed than is used. */
static s64 read_register(struct uio *u, enum lens_register reg, bool line)
{
    u64 total = u->left;
    bool more = true;
    u8 buf[128];

    while (more && u->left) {
        u64 n = 0, room = MIN(u->left, sizeof(buf));
        while (n < room) {
            u64 byte = read_byte(reg);
            more = byte != LENS_EOF;
            if (!more)
                break;
            buf[n++] = (u8)byte;
            if (line && byte == '\n') {
                more = false;
                break;
            }
        }
        int err = uio_put(u, buf, n);
        if (err)
            return uio_result(u, total, err);
    }
    return (s64)(total - u->left);
}

static s64 write_register(struct uio *u, enum lens_register reg)
{
    u64 total = u->left;
    u8 buf[128];

    while (u->left) {
        u64 before = u->left;
        int err = uio_get(u, buf, MIN(before, sizeof(buf)));
        for (u64 i = 0; i < before - u->left; i++)
            lens_regs[reg / 8] = buf[i];
        if (err)
            return uio_result(u, total, err);
    }
    return (s64)total;
}

/* A read ends after a line, as from a terminal; otherwise it would wait for
 * bytes that the program does not need yet. */
static s64 hostin_read(struct file *f, struct uio *u, u64 *pos)
{
    return read_register(u, LENS_IN, true);
}

static s64 hostrun_read(struct file *f, struct uio *u, u64 *pos)
{
    return read_register(u, LENS_RUN, false);
}

static s64 hostout_write(struct file *f, struct uio *u, u64 *pos)
{
    return write_register(u, LENS_OUT);
}

static s64 hosterr_write(struct file *f, struct uio *u, u64 *pos)
{
    return write_register(u, LENS_ERR);
}

/* Powers the machine off with the exit status that is written, a decimal
 * number. */
static s64 hostexit_write(struct file *f, struct uio *u, u64 *pos)
{
    char text[16] = "", *end;
    u64 total = u->left;

    if (total >= sizeof(text))
        return -EINVAL;
    int err = uio_get(u, text, total);
    if (err)
        return err;
    u64 status = strtou64(text, &end, 10);
    if (end == text || (*end && *end != '\n'))
        return -EINVAL;
    vfs_shutdown();
    lens_poweroff((int)status);
    return (s64)total;
}

static u32 always_ready(struct file *f, struct poll_table *pt)
{
    return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

const struct file_ops hostin_ops = {
    .flags = FILE_STREAM, .read = hostin_read, .poll = always_ready};
const struct file_ops hostout_ops = {
    .flags = FILE_STREAM, .write = hostout_write, .poll = always_ready};
const struct file_ops hosterr_ops = {
    .flags = FILE_STREAM, .write = hosterr_write, .poll = always_ready};
const struct file_ops hostrun_ops = {
    .flags = FILE_STREAM, .read = hostrun_read, .poll = always_ready};
const struct file_ops hostexit_ops = {
    .flags = FILE_STREAM, .write = hostexit_write, .poll = always_ready};
