#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Debian 13's kernel, busybox, bash, procps and stress-ng run unmodified in 128 MiB,
# under our firmware or OpenSBI, in fast or cycle timing. The kernel boots from an ext4
# root on virtio-blk to a shell, where this test types commands and judges the answers.
#
# Without SOAK=1 one of the four combinations runs (linux_events.t and linux_reader.t boot
# Debian under our firmware, and swap). `make soak` (SOAK=1) runs all four, two of
# them with every message of the kernel. It also swaps, with processes that write more
# memory than there is, compares the commands' output with QEMU's, and makes the images again.
use lib 'tests/lib';
use Cwd qw(realpath);
use Digest::MD5 qw(md5_hex);
use File::Basename qw(dirname);
use Clockhand;
use Debian;
use Pty;

my $images  = debian_images();
my $opensbi = "$images/opensbi/fw_dynamic.bin";
$ENV{TEST_TIMEOUT} = 600;

# The commands typed, each shorter than a terminal line, and their expected answers.
my @session = (
    [ 'ls -x /', qr/^bin\s+boot\s+dev\s+etc\s+lib\s+lost\+found/m ],
    [ 'cat /proc/cpuinfo', qr/^isa\s*: rv64imafdc\w*\nmmu\s*: sv39$/m ],
    [ q(seq 1 1000 | awk '{ n += $1 } END { print n, n / 7 }'),
        qr/\A500500 71500\n\z/ ],
    [ q(for i in 1 2 3 4; do echo $i & done | sort | tr '\n' ' '; echo),
        qr/\A1 2 3 4 \n\z/ ],
    [ 'cp /bin/busybox /root/copy; sync',         qr/\A\z/ ],
    [ 'echo 3 > /proc/sys/vm/drop_caches',
        qr/\A(?:\[[ \d.]+\] (?:ba)?sh \(\d+\): drop_caches: 3\n)?\z/ ],
    [ 'cmp /bin/busybox /root/copy && md5sum /root/copy', undef ],
    [ 'mount | grep /dev/vda', qr/^\/dev\/vda on \/ type ext4 \(rw,/ ],
    [ 'cat /proc/partitions', 
        qr/^\s+254\s+0\s+@{[(-s "$images\/root.img") >> 10]} vda$/m ],
    [ 'sleep 99 & jobs; kill %1; wait %1; echo $?',
        qr/^\[1\]\+ .*sleep 99.*^143$/ms ],
    [ 'free | grep Swap', qr/^Swap:\s+0\s+0\s+0$/m ],
    [ 'LD_BIND_NOW=1 stress-ng --version', qr/^stress-ng, version 0\./m ],
    [ 'dmesg | grep "Run /"', qr/Run \/init as init process/ ],
    [ 'dmesg | grep "SBI [si]"', qr/SBI specification v2\.0 detected/ ],
    [ 'echo kept > /root/file; sync', qr/\A\z/ ],
    [ 'poweroff' ],
);

sub commands { return map { $_->[0] } @session }

# Returns the shell's output for each command, without the echo of the typed line.
sub answers {
    my $out = shift =~ s/\r|\e\[6n//gr;
    my (undef, @parts) = split /^\Q$PROMPT\E/m, $out;
    return map { s/\A[^\n]*\n//r } @parts;
}

sub check_session {
    my ($what, $out) = @_;
    my $busybox = slurp(tmp('busybox'));
    like($out, qr/^initrd: \/dev\/vda is mounted, handing over/m, "$what: /init mounted the disk");
    my @answers = answers($out);
    for my $i (0 .. $#session - 1) {
        my ($command, $pattern) = @{ $session[$i] };
        $pattern //= qr/\A@{[md5_hex($busybox)]}  \/root\/copy\n\z/;
        like($answers[$i] // '(no answer)', $pattern, "$what: $command");
    }
}

sub check_disk {
    my ($what, $disk) = @_;
    my ($out) = succeeds("$what: e2fsck finds nothing", run_command('', 'e2fsck', '-fn', $disk));
    (undef, $out) = run_command('', 'debugfs', '-R', 'cat /root/file', $disk);
    is($out, "kept\n", "$what: the file is on the disk");
    run_command('', 'debugfs', '-R', 'dump /root/copy ' . tmp('copy'), $disk);
    ok(slurp(tmp('copy')) eq slurp(tmp('busybox')),
        "$what: and so is the copy, as the host sees it");
}

sub fresh_disk {
    run_command('', 'cp', "$images/root.img", tmp('disk'));
    return tmp('disk');
}

my %sbi = (ours => qr/ID=0x636b Version=/, OpenSBI => qr/ID=0x1 Version=0x1/);

sub boots {
    my ($firmware, $timing, @more) = @_;
    my $what = "$firmware, $timing";
    my $disk = fresh_disk();
    my @bios = $firmware eq 'ours' ? () : ('--bios', $opensbi);
    my ($out) = succeeds("$what: powers off, status 0", clockhand(boot_arguments($disk), @bios,
        '--timing', $timing, @more, '-x',
        type_and_expect(tmp('session.ch'), commands())));
    check_session($what, $out);
    like($out, qr/reboot: Power down/, "$what: the kernel's last words");
    like($out, $sbi{$firmware}, "$what: the kernel names this firmware's SBI");
    like($out, qr/^OpenSBI v1\.[6-9]/m, "$what: the firmware's banner") if $firmware ne 'ours';
    check_disk($what, $disk);
    return $out;
}

# On a machine with the RAM (128 MiB) and swap of `make debian-run`, two processes write 128 MiB.
sub swaps {
    my $images = build() . '/debian';
    my ($out) = succeeds('with swap: status 0', clockhand(boot_arguments("$images/root.img,overlay"),
        '--drive', "$images/swap.img,overlay", '--timing', 'cycle', '-x',
        type_and_expect(tmp('swap.ch'), 'free | grep Swap',
            'stress-ng --vm 2 --vm-bytes 128M --vm-ops 64 --vm-method write64',
            q(awk '/^pswpout/ { print ($2 > 256) }' /proc/vmstat),
            'poweroff')));
    like($out, qr/^Swap:\s+262140\s+0\s+262140\r?$/m, 'with swap: swap is on');
    like($out, qr/passed: 2: vm \(2\)/, 'with swap: stress-ng passes');
    like((answers($out))[2], qr/\A1\n/, 'with swap: more than 1 MiB was swapped out');
}

sub qemu_session {
    my $disk = fresh_disk();
    my $qemu = Pty->start(24, 80, 'qemu-system-riscv64', '-M', 'virt', '-m',
        '128M', '-nographic', '-no-reboot', '-bios', $opensbi, '-kernel',
        "$images/Image", '-initrd', "$images/initrd", '-append',
        quiet_kernel(), '-drive', "file=$disk,if=none,format=raw,id=d",
        '-device', 'virtio-blk-device,drive=d');
    my $out = '';
    for my $command (commands()) {
        my $part = $qemu->expect(qr/\Q$PROMPT\E/, 120) // return $out;
        $out .= $part;
        $qemu->send("$command\r");
    }
    $out .= $qemu->expect(qr/Power down/, 60) // '';
    $qemu->finish(20);
    return $out;
}

# Returns the answers without the parts that differ between the machines: the lines that
# describe the CPU, times, and pids (the kernels start different numbers of threads).
sub comparable {
    my @answers = answers(shift);
    $answers[1] =~ s/^(m\w+id|isa|hart isa|mmu)\s*:.*\n//mg;
    s/^\[ *[\d.]+\] //mg, s/\bsh \(\d+\)/sh (PID)/, s/\A\d+\n(?=\[1\])/PID\n/ for @answers;
    pop @answers;
    return \@answers;
}

run_command('', 'debugfs', '-R', 'dump /bin/busybox ' . tmp('busybox'), "$images/root.img");
my $out = boots('OpenSBI', 'fast');
if ($ENV{SOAK}) {
    boots('ours', 'fast');
    boots('OpenSBI', 'cycle');
    swaps();
    my @all = ('--append', 'console=ttyS0 root=/dev/vda');
    boots('ours', 'cycle', @all);
    is_deeply(comparable($out), comparable(qemu_session()),
        'the commands print the same as under QEMU');
    boots('OpenSBI', 'fast', @all);
    my $again = tmp('again');
    succeeds('the images are made a second time', run_command('', 'tools/mkdebian', '-o',
        dirname(realpath($images)), '-d', $again));
    is(system('diff', '-rq', $images, $again), 0, '... and are the same byte for byte');
}
done_testing;
