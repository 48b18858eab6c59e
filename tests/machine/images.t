#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# --kernel, --initrd, --bios and --drive take good files and refuse bad ones; --isa refuses bad names.
use lib 'tests/lib';
use Clockhand;

my $b = build();
my $kernel = "$b/guest/kernel.elf";
my @root = ('--drive', "$b/guest/root.img,overlay");

sub boots {
    my ($what, @args) = @_;
    my ($out, $err) = succeeds("$what: ends with status 0",
        clockhand(@args, @root, '--timing', 'fast', '--append', 'run=echo $((6*7))'));
    like($out, qr/^42\r?$/m, "$what: ran a program");
}

my $flat = tmp('kernel.bin');
my ($status) = run_command('', 'riscv64-linux-gnu-objcopy', '-O', 'binary', $kernel, $flat);
is($status, 0, 'made a flat kernel');
boots('ELF', '--kernel', $kernel);
boots('flat', '--kernel', $flat);
boots('our firmware as a file', '--kernel', $kernel, '--bios', "$b/roms/firmware.elf");
boots('our firmware, flat', '--kernel', $kernel, '--bios', "$b/roms/firmware.bin");

# The whole initrd lies where the device tree says: a bare program compares the bytes.
my $initrd = spew(tmp('initrd'), join '', map { chr(($_ * 7) & 255) } 1 .. 5000);
my $look = <<'C';
#include <stdint.h>
__asm__(".section .text.unlikely,\"ax\"\n.globl _start\n_start: mv a0, a1\n"
        " la sp, stack\n j look\n.bss\n.skip 4096\nstack:\n.text\n");
static uint32_t be(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}
static int same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}
static void end(uint32_t v)
{
    *(volatile uint32_t *)0x100000 = v;
    for (;;)
        ;
}
void look(const unsigned char *t)
{
    const unsigned char *p = t + be(t + 8), *from = 0, *to = 0;
    const char *names = (const char *)t + be(t + 12);
    for (uint32_t token; (token = be(p)) != 9;) {
        p += 4;
        if (token == 1) {
            while (*p)
                p++;
            p = (const unsigned char *)(((uintptr_t)p + 4) & ~3ul);
        } else if (token == 3) {
            const char *name = names + be(p + 4);
            if (same(name, "linux,initrd-start"))
                from = (const unsigned char *)(uintptr_t)be(p + 12);
            if (same(name, "linux,initrd-end"))
                to = (const unsigned char *)(uintptr_t)be(p + 12);
            p += 8 + ((be(p) + 3) & ~3u);
        }
    }
    if (!from || to - from != 5000)
        end(2u << 16 | 0x3333);
    for (int i = 0; i < 5000; i++)
        if (from[i] != (unsigned char)((i + 1) * 7))
            end(3u << 16 | 0x3333);
    end(0x5555);
}
C
my $c = spew(tmp('look.c'), $look);
my $bare = tmp('look.elf');
system('riscv64-linux-gnu-gcc', '-march=rv64gc', '-mabi=lp64d',
    '-mcmodel=medany', '-O2', '-fno-builtin', '-static', '-fno-pic',
    '-no-pie', '-Wl,--build-id=none', '-nostdlib',
    '-ffreestanding',
    '-Wl,-N,-Ttext=0x80000000,-e,_start,--no-warn-rwx-segments', '-o', $bare,
    $c) == 0 or die;
($status) = clockhand('--bios', 'none', '--kernel', $bare, '--initrd', $initrd);
is($status, 0, '--bios none: a bare program finds the initrd');
($status) = clockhand('--bios', 'none', '--kernel', $bare);
is($status, 2, 'without --initrd there is none (the program says so)');

my $disk = tmp('disk');
run_command('', 'cp', "$b/guest/root.img", $disk);
my $before = slurp($disk);
boots('a read-only disk', '--kernel', $kernel, '--drive', "$disk,ro");
is(slurp($disk), $before, 'a read-only disk: the file is unchanged');

sub refused {
    my ($what, $pattern, @args) = @_;
    my ($status, $out, $err) = clockhand(@args);
    is($status, 2, $what);
    like($err, qr/^clockhand: [^\n]*$pattern[^\n]*\n\z/, "$what: why");
}
refused('initrd too large', 'does not fit into 16M', '--kernel', $kernel,
    '--initrd', spew(tmp('big'), 'x' x (15 << 20)));
refused('kernel too large', 'does not fit into 16M', '--kernel',
    spew(tmp('bigk'), 'x' x (15 << 20)));
refused('empty kernel', 'empty', '--kernel', spew(tmp('none'), ''));
refused('no such firmware', 'No such file', '--kernel', $kernel, '--bios', tmp('nowhere'));
refused('half a sector', 'sectors', '--kernel', $kernel, '--drive', spew(tmp('odd'), 'x' x 700));
refused('an empty disk', 'no disk', '--kernel', $kernel, '--drive', spew(tmp('zero'), ''));
refused('a directory as disk', 'directory|regular', '--kernel', $kernel, '--drive', tmp());
refused('an extension that the machine lacks', "no extension 'v'", '--kernel',
    $kernel, '--isa', 'rv64gc_v');
refused('another base', 'begins with rv64', '--kernel', $kernel, '--isa', 'rv32i');
done_testing;
