#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# OpenSBI runs on our machine: the build that comes with QEMU, and Debian 13's (1.6, if
# `make debian` has fetched it). Its banner must show that it finds the board's devices,
# and our kernel must boot on it.
use lib 'tests/lib';
use Clockhand;

my $b = build();
my ($bios) = grep { -r } '/usr/share/qemu/opensbi-riscv64-generic-fw_dynamic.bin',
    '/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin';
die 'no OpenSBI beside QEMU' unless $bios;

my $kernel = "$b/guest/kernel.elf";

sub boots {
    my ($bios, $timing) = @_;
    my ($status, $out, $err) = clockhand('--bios', $bios, '--kernel', $kernel,
        '--drive', "$b/guest/root.img,overlay", '--ram', '64M',
        '--timing', $timing, '--append', 'run=echo $((6*7)) from the guest');
    is($status, 0, "$timing: boots and switches off") or diag("$out\n$err");
    like($out, qr/Platform IPI Device +: aclint-mswi/, 'the CLINT\'s software interrupts');
    like($out, qr/aclint-mtimer @ 10000000Hz/, 'the timer and its rate');
    like($out, qr/Platform Console Device +: uart8250/, 'the UART');
    like($out, qr/Shutdown Device +: (sifive_test|syscon-poweroff)/, 'the finisher');
    like($out, qr/rv64imafdc/, 'the base ISA');
    like($out, qr/PMP Count +: 16\b/, '16 PMP entries');
    like($out, qr/MIDELEG +: 0x0+222\b/, 'interrupts delegated');
    like($out, qr/MEDELEG +: 0x0+b109\b/, 'exceptions delegated');
    like($out, qr/Next Arg1 +: 0x0+(83e|822)00000\b/,
        'the kernel\'s device tree lies where QEMU or fw_jump puts it, with room for OpenSBI to enlarge it');
    like($out, qr/^42 from the guest\r?$/m, 'the kernel ran a program');
    return $out;
}

boots($bios, $_) for 'fast', 'cycle';
SKIP: {
    my $dir = "$b/debian/opensbi";
    skip "no OpenSBI 1.6: `make debian' says why", 26 unless -r "$b/debian/versions";
    for my $form ('fw_dynamic', 'fw_jump') {
        my $out = boots("$dir/$form.bin", 'fast');
        like($out, qr/^OpenSBI v1\.[6-9]/m, "$form of Debian 13");
        like($out, qr/^Boot HART ISA Extensions +: .*\bsstc\b.*\b(zicntr|time)\b/m,
            'OpenSBI finds the extensions');
    }
}
done_testing;
