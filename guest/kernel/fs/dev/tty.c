/* SPDX-License-Identifier: MIT */
/* Sets the terminal up at the start, and does its output. */
#include "fs/dev/tty.h"

#include "drv/uart.h"
#include "drv/lens.h"

struct tty console_tty;

/* Linux's defaults (tty_std_termios): line mode with editing and echo. */
void tty_init(void)
{
    struct tty *t = &console_tty;

    t->tio = (struct termios){.c_iflag = ICRNL | IXON,
                              .c_oflag = OPOST | ONLCR,
                              .c_cflag = 015 | 060 | 0200 |
                                         02000, /* B9600 CS8 CREAD HUPCL */
                              .c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK |
                                         ECHOCTL | ECHOKE | IEXTEN,
                              .c_cc = {[VINTR] = 3,
                                       [VQUIT] = 28,
                                       [VERASE] = 127,
                                       [VKILL] = 21,
                                       [VEOF] = 4,
                                       [VMIN] = 1,
                                       [VSTART] = 17,
                                       [VSTOP] = 19,
                                       [VSUSP] = 26,
                                       [VREPRINT] = 18,
                                       [VDISCARD] = 15,
                                       [VWERASE] = 23,
                                       [VLNEXT] = 22}};
    t->win = (struct winsize){.ws_row = 24, .ws_col = 80};
    waitq_init(&t->readers);
    waitq_init(&t->writers);
    list_init(&t->async);
    static const struct uart_line line = {tty_has_room, tty_input};
    if (uart_init(&line))
        console_register(tty_kernel_write);
}

u32 tty_number(struct tty *t)
{
    return t ? (u32)dev_encode(MKDEV(4, 64)) : 0;
}

/* Processes one byte of output: stores the result in out (room for 8), and
 * returns its length. */
static size_t process_output(struct tty *t, u8 c, u8 *out)
{
    u32 flags = t->tio.c_oflag;

    if (!(flags & OPOST)) {
        out[0] = c;
        return 1;
    }
    switch (c) {
    case '\n':
        if (flags & ONLRET)
            t->column = 0;
        if (flags & ONLCR) {
            t->column = 0;
            out[0] = '\r';
            out[1] = '\n';
            return 2;
        }
        break;
    case '\r':
        if ((flags & ONOCR) && t->column == 0)
            return 0;
        t->column = 0;
        if (flags & OCRNL)
            c = '\n';
        break;
    case '\t': {
        u32 spaces = 8 - (t->column & 7);
        t->column += spaces;
        if ((flags & TABDLY) == XTABS) {
            memset(out, ' ', spaces);
            return spaces;
        }
        break;
    }
    case '\b':
        if (t->column)
            t->column--;
        break;
    default:
        if ((flags & OLCUC) && c >= 'a' && c <= 'z')
            c -= 'a' - 'A';
        /* A UTF-8 character takes one column, counted at its first byte. */
        if (tty_in_range(c) &&
            !((t->tio.c_iflag & IUTF8) && (c & 0xc0) == 0x80))
            t->column++;
    }
    out[0] = c;
    return 1;
}

static void send_to_port(const u8 *bytes, size_t n)
{
    COUNT_ADD(TTY_OUTCH, n);
    uart_write((const char *)bytes, n);
}

void tty_output(struct tty *t, const u8 *bytes, size_t n)
{
    u8 out[72];
    size_t fill = 0;

    for (size_t i = 0; i < n; i++) {
        fill += process_output(t, bytes[i], out + fill);
        if (fill > sizeof(out) - 8) {
            send_to_port(out, fill);
            fill = 0;
        }
    }
    if (fill)
        send_to_port(out, fill);
}

/* Prints kprintf's text: lines end in CR LF, regardless of the terminal's
 * settings. */
void tty_kernel_write(const char *bytes, size_t n)
{
    while (n) {
        const char *nl = memchr(bytes, '\n', n);
        size_t line = nl ? (size_t)(nl - bytes) : n;
        if (line)
            uart_write(bytes, line);
        if (!nl)
            break;
        uart_write("\r\n", 2);
        bytes += line + 1;
        n -= line + 1;
    }
    console_tty.column = 0;
}
