#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# sbi.c calls our SBI firmware, on our machine and on QEMU; its answers must be the same.
use lib 'tests/lib';
use Clockhand;

my $b = build();
# compile_bare links to the start of RAM; a supervisor is loaded 2 MiB above.
sub compile_at {
    my ($elf, $where) = @_;
    system('riscv64-linux-gnu-gcc', '-march=rv64gc', '-mabi=lp64d',
        '-mcmodel=medany', '-O2', '-static', '-fno-pic', '-no-pie',
        '-Wl,--build-id=none', '-nostdlib', '-ffreestanding',
        "-Wl,-N,-Ttext=$where,-e,_start,--no-warn-rwx-segments", '-o', $elf,
        'tests/machine/sbi.c') == 0 or die 'cannot compile sbi.c';
    return $elf;
}
my $elf = compile_at(tmp('sbi.elf'), '0x80200000');

sub judge {
    my ($where, $status, $out, $err) = @_;
    my @bad = $out =~ /^(not ok .*)$/mg;
    my $n = () = $out =~ /^ok /mg;
    is_deeply(\@bad, [], "$where: no call misbehaves");
    like($out, qr/^1\.\.$n\r?$/m, "$where: the supervisor came to its end") or diag("$out\n$err");
    is($status, 0, "$where: switched off");
    cmp_ok($n, '>=', 45, "$where: $n checks");
    return $out =~ s/\r//gr;
}

my @qemu = ('qemu-system-riscv64', '-M', 'virt', '-m', '64M', '-nographic',
    '-bios', "$b/roms/firmware.elf", '-kernel', $elf);
my $there = judge('qemu', run_command('', @qemu));
for my $timing ('fast', 'cycle') {
    for my $isa ('rv64gc_zicntr', 'rv64gc_zicntr_sstc_svadu') {
        my $here = judge("$timing, $isa",
            clockhand('--kernel', $elf, '--timing', $timing, '--isa', $isa));
        is($here, $there, "$timing, $isa: the same answers as on QEMU");
    }
}

my ($status, $out) = run_command('', @qemu[0 .. 7]);
is($status, 1, 'qemu: without a kernel the firmware fails');
like($out, qr/no kernel was loaded/, 'qemu: ... and the firmware says so');
my $low = compile_at(tmp('low.elf'), '0x80000000');
($status, $out, my $err) = clockhand('--kernel', $low);
is($status, 2, 'a kernel over the firmware is refused');
like($err, qr/^clockhand: .*overlaps the firmware/, '... and the message says why');
done_testing;
