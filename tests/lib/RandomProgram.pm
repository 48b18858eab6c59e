# SPDX-License-Identifier: MIT
# Random bare-metal programs: a seeded generator of numbers, the subroutine that
# prints hashes, and a comparison of Clockhand, in both timings, with QEMU.
package RandomProgram;
use strict;
use warnings;
use FindBin qw($Bin);
use Test::More;
use Exporter 'import';
use Clockhand;
our @EXPORT = qw(seed random corner print_text compare);

# The extensions that the programs use, under the names of Clockhand and of QEMU
# 7.2 (others than QEMU's cannot be compared).
our $ISA = 'rv64gc_zfh_zba_zbb_zbc_zbkb_zbkx_zbs';
our $QEMU_CPU = 'rv64,h=false,v=false,Zfh=true,zba=true,zbb=true,zbc=true,'
    . 'zbkb=true,zbkx=true,zbs=true';

my $state = 1;

sub seed {
    my $n = shift;
    $state = ($n * 2654435761 & 0xffffffff) || 1;
}

sub random { # xorshift32, below n
    my $n = shift;
    $state ^= ($state << 13) & 0xffffffff;
    $state ^= $state >> 17;
    $state ^= ($state << 5) & 0xffffffff;
    return $state % $n;
}

# A doubleword that may be a corner case: corners and ordinary values of three
# floating-point formats, small integers, noise.
sub corner {
    my @f64 = qw(0000000000000000 3ff0000000000000 0000000000000001
        000fffffffffffff 0010000000000000 7fefffffffffffff 7ff0000000000000
        7ff0000000000001 7ff8000000000000 43e0000000000000 41dfffffffc00000
        3fe0000000000000 3ff8000000000000 47efffffefffffff 380fffffffffffff);
    my @f32 = qw(00000000 3f800000 00000001 007fffff 00800000 7f7fffff
        7f800000 7f800001 7fc00000 4f000000 5f000000 3f000000 3fc00000);
    my @f16 = qw(0000 3c00 0001 03ff 0400 7bff 7c00 7c01 7e00 3800 3e00 6400);
    my $kind = random(8);
    my $sign = random(2) ? 0x80000000 : 0;
    my ($hi, $lo);
    if ($kind == 0) {
        my $v = $f64[random(scalar @f64)];
        ($hi, $lo) = (hex substr($v, 0, 8), hex substr($v, 8));
        $hi |= $sign;
    } elsif ($kind == 1) {
        ($hi, $lo) = (0xffffffff, hex $f32[random(scalar @f32)]);
        $lo |= $sign;
    } elsif ($kind == 6) {
        ($hi, $lo) = (0xffffffff, 0xffff0000 | hex $f16[random(scalar @f16)]);
        $lo |= $sign >> 16;
    } elsif ($kind == 7) { # ordinary halves
        ($hi, $lo) = (0xffffffff, 0xffff3000 + random(0x1800));
        $lo |= $sign >> 16;
    } elsif ($kind == 2) { # ordinary doubles
        ($hi, $lo) = (0x3f000000 + random(0x01000000), random(2**31) * 2);
        $hi |= $sign;
    } elsif ($kind == 3) { # ordinary singles
        ($hi, $lo) = (0xffffffff, 0x3c000000 + random(0x08000000));
        $lo |= $sign;
    } elsif ($kind == 4) { # small integers
        ($hi, $lo) = random(2) ? (0, random(100)) : (0xffffffff, 0xffffff9c + random(100));
    } else {
        ($hi, $lo) = (random(65536) << 16 | random(65536),
                      random(65536) << 16 | random(65536));
    }
    return sprintf "    .dword 0x%08x%08x\n", $hi, $lo;
}

# Subroutine `print`, called by jal x31: x26 in hexadecimal.
sub print_text {
    return <<'END';
# x26 in hexadecimal, by HTIF. Uses x1 to x7, and puts 0 into them.
print:
    li x1, 64
4:  addi x1, x1, -4
    srl x2, x26, x1
    andi x2, x2, 15
    la x3, digits
    add x3, x3, x2
    lbu x2, 0(x3)
    jal x4, putc
    bnez x1, 4b
    li x2, 10
    jal x4, putc
    .irp r, 1,2,3,4,5,6,7
    li x\r, 0
    .endr
    jr x31
putc:
    li x3, 0x0101 << 48
    or x2, x2, x3
    la x3, tohost
    sd x2, 0(x3)
5:  ld x2, 0(x3)
    bnez x2, 5b
    la x3, fromhost
    sd zero, 0(x3)
    jr x4

    .data
digits: .ascii "0123456789abcdef"
    .text
END
}

my $qemu = 'qemu-system-riscv64';
my $have_qemu = grep { -x "$_/$qemu" } split /:/, $ENV{PATH};

# The program must end well and print $hashes hashes, the same in both timings and
# under QEMU. KEEP=FILE.S keeps its source.
sub compare {
    my ($name, $text, $hashes) = @_;
    my $source = spew($ENV{KEEP} // tmp("random.S"), $text);
    my $elf = tmp("random.elf");
    system('riscv64-linux-gnu-gcc', '-march=rv64gc', '-mabi=lp64d',
        '-mcmodel=medany', '-static', '-fno-pic', '-no-pie', '-nostdlib', '-nostartfiles',
        '-Wl,--build-id=none', '-Wl,--no-warn-rwx-segments',
        "-Wl,-T,$Bin/link.ld", "-I$Bin", '-o', $elf, $source) == 0
        or die "cannot compile $name";
    my ($status, $fast, $err) = clockhand('--timing', 'fast', '--isa', $ISA,
        '--max-instructions', 100_000_000, $elf);
    is($status, 0, "$name ends") or diag($err);
    is(() = $fast =~ /^[0-9a-f]{16}$/mg, $hashes, "$name: $hashes hashes");
    ($status, my $cycle) = clockhand('--timing', 'cycle', '--isa', $ISA,
        '--max-instructions', 100_000_000, $elf);
    is($cycle, $fast, "$name: both timings agree");
  SKIP: {
        skip "$qemu is not installed", 1 unless $have_qemu;
        local $ENV{TEST_TIMEOUT} = 30;
        ($status, my $theirs) = run_command('', $qemu, qw(-M spike -cpu),
            $QEMU_CPU, qw(-display none -monitor none -serial
            stdio -bios none -kernel), $elf);
        my @ours = split /\n/, $fast;
        my @theirs = split /\n/, $theirs;
        my $same = 0;
        $same++ while $same < @ours && ($theirs[$same] // '') eq $ours[$same];
        ok($theirs eq $fast, "$name: QEMU agrees")
            or diag("the first $same of " . @ours . ' hashes are the same');
    }
}

1;
