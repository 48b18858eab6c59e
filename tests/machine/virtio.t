#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A bare-metal driver of the disk prints the same bytes on our machine as on QEMU's virt, in both
# versions of virtio-mmio. SOAK=1 tests writable and read-only disks in each, and more random rounds.
use lib 'tests/lib';
use Clockhand;

my $qemu = 'qemu-system-riscv64';
my $have_qemu = grep { -x "$_/$qemu" } split /:/, $ENV{PATH};
my $sectors = 2048;

# 1 MiB of a pattern in which all sectors differ.
my $state = 12345;
my $pattern = pack 'V*', map { $state = ($state * 1103515245 + 12345) & 0x7fffffff }
    1 .. $sectors * 128;
sub image { return spew(tmp('disk.img'), $pattern) }

sub program {
    my $name = shift;
    return compile_bare("$name.c", slurp("tests/machine/$name.c"),
        '-Itests/machine', '-Ttext=0x80001000',
        '-Wl,--section-start=.init0=0x80000000', @_);
}

# Runs a program on a fresh disk; returns its output, the disk afterwards, and its messages.
sub ours {
    my ($elf, $legacy, $ro, @more) = @_;
    my $disk = image();
    my ($status, $out, $err) = clockhand('--ram', '16M', '--drive',
        $disk . ($ro ? ',ro' : '') . ($legacy ? ',legacy' : ''),
        '--max-sim-time', '100s', @more, $elf);
    is($status, 0, 'the program ends with status 0') or diag("$out\n$err");
    return ($out, slurp($disk), $err);
}

sub theirs {
    my ($elf, $legacy, $ro) = @_;
    my $disk = image();
    local $ENV{TEST_TIMEOUT} = 60;
    my ($status, $out) = run_command('', $qemu, qw(-M virt -m 16M -display none
        -monitor none -serial stdio -bios none -kernel), $elf,
        '-global', 'virtio-mmio.force-legacy=' . ($legacy ? 'true' : 'false'),
        '-drive', "file=$disk,if=none,format=raw,id=d,discard=unmap,readonly="
            . ($ro ? 'on' : 'off'),
        '-device', 'virtio-blk-device,drive=d,bus=virtio-mmio-bus.0,' . 'serial=clockhand0');
    return ($out, slurp($disk));
}

# Compares two outputs and shows the first line that differs.
sub same_lines {
    my ($got, $want, $what) = @_;
    my @got = split /\n/, $got;
    my @want = split /\n/, $want;
    my $i = 0;
    $i++ while $i < @got && $i < @want && $got[$i] eq $want[$i];
    spew("$ENV{KEEP}.ours", $got), spew("$ENV{KEEP}.theirs", $want) if $ENV{KEEP};
    ok($got eq $want, $what)
        or diag("line $i:\n ours   " . ($got[$i] // '') . "\n theirs " . ($want[$i] // ''));
}

sub compare {
    my ($what, $elf, $legacy, $ro) = @_;
    my ($out, $disk) = ours($elf, $legacy, $ro, '--disk-model', 'ideal');
    like($out, qr/^end$/m, "$what: the program ends");
  SKIP: {
        skip "$qemu is not installed", 2 if !$have_qemu;
        my ($reference, $disk2) = theirs($elf, $legacy, $ro);
        same_lines($out, $reference, "$what: QEMU's output is the same");
        ok($disk eq $disk2, "$what: and so is QEMU's disk");
    }
}

my $probe = program('virtio_probe');
for my $version (2, 1) {
    compare("version $version, writable", $probe, $version == 1, 0) if $version == 2 || $ENV{SOAK};
    compare("version $version, read only", $probe, $version == 1, 1) if $version == 1 || $ENV{SOAK};
    my $seed = $ENV{SEED} || $version;
    compare("version $version, at random", program('virtio_random',
        "-DSEED=$seed", '-DROUNDS=' . ($ENV{ROUNDS} || ($ENV{SOAK} ? 20 : 5))), $version == 1, 0);
}

# A machine that is saved at any cycle, mostly with requests in flight, and loaded comes
# to the same hash. The disks serve requests in order, many at once, or as the heads
# pass them. (The driver polls; with a slow clock it takes fewer steps during a seek.)
my $rounds = program('virtio_random', '-DSEED=5', '-DROUNDS=2');
my $in_flight = 0;
for my $row ([2, 'nvme', 1000003, 5],
    [1, 'nvme,queue=fifo', 1000003, 5],
    [2, 'cheetah9lp,queue=ncq', 6000001, 1, '--clock', 100_000_000],
    [1, 'atlas10k,queue=clook', 9000001, 1, '--clock', 100_000_000])
{
    my ($version, $model, $step, $points, @clock) = @$row;
    my @machine = ('--hash', '--ram', '16M', @clock, '--disk-model', $model, '--drive',
        image() . ',overlay' . ($version == 1 ? ',legacy' : ''), $rounds);
    my ($status, $out, $err) = clockhand(@machine);
    my ($whole) = $err =~ /^hash (\w+)$/m;
    for my $at (1 .. $points) {
        my $save = tmp('half');
        my $cycles = $step * $at;
        ($status, $out) = clockhand(@machine, '-x', spew(tmp('half.ch'),
            "run-for $cycles\njson info disk\nsave $save\n"));
        $in_flight++ if $out =~ /"queue":\[\{/;
        ($status, $out, $err) = clockhand(@machine, '--load', $save);
        like($err, qr/^hash \Q$whole\E$/m, "$model: saved after $cycles cycles, the same hash");
    }
}
cmp_ok($in_flight, '>=', 5, 'requests were in flight');

done_testing();
