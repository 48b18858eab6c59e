#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Debian's U-Boot runs unmodified: its M-mode form as --bios, its S-mode form as
# --kernel under OpenSBI. It reads files from an ext4 file system on the virtio disk.
# `make soak` also types @look's commands, and `reset`, in S-mode under our firmware, and starts
# Debian's kernel from that disk in S-mode under both firmwares.
use lib 'tests/lib';
use Clockhand;
use Debian;

my $images = debian_images();
$ENV{TEST_TIMEOUT} = 600;
my @mmode = ('--bios', "$images/u-boot/u-boot.bin");
my @smode = ('--kernel', "$images/u-boot/u-boot-smode.bin");
my @opensbi = ('--bios', "$images/opensbi/fw_dynamic.bin");
my @disk = ('--drive', "$images/root.img,overlay");

# Makes a script that types each line at U-Boot's prompt.
sub script {
    my ($file, $last, @lines) = @_;
    my $text = qq(expect "Hit any key" 5s\nsend " "\n);
    for my $line (@lines, $last) {
        $text .= qq(expect "=> " 60s\nsend "$line\\n"\n);
    }
    return spew(tmp($file), $text);
}

sub crc32 {
    my $crc = 0xffffffff;
    my @table = map {
        my $c = $_;
        $c = $c & 1 ? 0xedb88320 ^ ($c >> 1) : $c >> 1 for 1 .. 8;
        $c
    } 0 .. 255;
    $crc = $table[($crc ^ $_) & 255] ^ ($crc >> 8) for unpack 'C*', shift;
    return sprintf '%08x', $crc ^ 0xffffffff;
}
my $initrd = slurp("$images/initrd");
my $first  = crc32(substr $initrd, 0, 1 << 20);
my $bytes  = length $initrd;

my @look = ('bdinfo', 'virtio scan', 'virtio info', 'ext4ls virtio 0 /boot',
    'load virtio 0 84400000 /boot/initrd', 'crc32 84400000 100000');

sub looks {
    my ($what, $timing, @options) = @_;
    my $script = script('look.ch', 'poweroff', @look);
    spew($script, slurp($script) . "continue\n");
    my ($status, $out, $err) = clockhand(@options, @disk, '--ram', '128M',
        '--timing', $timing, '-x', $script);
    $out =~ s/\r//g;
    is($status, 0, "$what: poweroff, status 0") or diag("$out\n$err");
    like($out, qr/^U-Boot 20\d\d/m, "$what: U-Boot");
    like($out, qr/^DRAM: +128 MiB$/m, "$what: finds all memory");
    like($out, qr/^DRAM bank .*\n.*0x0+80000000\n.*0x0+8000000$/m, "$what: bdinfo");
    like($out, qr/^serial addr = 0x0+10000000$/m, "$what: its console");
    like($out, qr/^Device 0: QEMU VirtIO Block Device$/m, "$what: virtio info");
    like($out, qr/^ +$bytes +initrd$/m, "$what: ext4ls");
    like($out, qr/^$bytes bytes read in /m, "$what: load");
    like($out, qr/ ==> $first$/m, "$what: the bytes that it read are right");
}

# `reset` restarts the whole machine.
sub resets {
    my ($what, @options) = @_;
    my $script = script('reset.ch', 'reset', 'echo once');
    spew($script, slurp($script)
            . qq(expect "Hit any key" 5s\nsend " "\nexpect "=> " 20s\n)
            . qq(send "echo twice\\n"\nexpect "\\ntwice" 20s\nquit 0\n));
    my ($out, $err) = succeeds("$what: reset", clockhand(@options, @disk, '--ram', '128M',
        '--timing', 'fast', '-x', $script));
    is(() = $out =~ /^U-Boot 20\d\d/mg, 2, "$what: ... and U-Boot starts a second time");
}

# Loads kernel and initrd from the disk by typed commands, in 128 MiB.
sub boots_debian {
    my ($what, $timing, @options) = @_;
    my $script = script('boot.ch', 'booti 82400000 84400000:${filesize} '
            . '${fdtcontroladdr}',
        'load virtio 0 82400000 /boot/Image',
        'load virtio 0 84400000 /boot/initrd',
        'setenv bootargs ' . quiet_kernel());
    check_debian("$what, booti", $script, $timing, @options, '--ram', '128M');
}

sub boots_extlinux {
    my ($what, $timing, @options) = @_;
    my $script = script('sysboot.ch',
        'sysboot virtio 0 any ${scriptaddr} /boot/extlinux/extlinux.conf');
    check_debian("$what, extlinux", $script, $timing, @options, '--ram',
        '256M');
}

sub check_debian {
    my ($what, $script, $timing, @options) = @_;
    spew($script, slurp($script) . slurp(type_and_expect(tmp('shell.ch'),
        'grep -o "root=[^ ]*" /proc/cmdline', 'poweroff')));
    my ($out) = succeeds("$what: status 0",
        clockhand(@options, @disk, '--timing', $timing, '-x', $script));
    like($out, qr/^Starting kernel/m, "$what: starts the kernel");
    like($out, qr/^root=\/dev\/vda\r?$/m, "$what: with its bootargs");
    like($out, qr/^initrd: \/dev\/vda is mounted/m, "$what: and its initrd");
    like($out, qr/reboot: Power down/, "$what: which switches off");
}

looks('M-mode', 'cycle', @mmode);
looks('S-mode, our firmware', 'fast', @smode) if $ENV{SOAK};
looks('S-mode, OpenSBI', 'cycle', @smode, @opensbi);
resets('M-mode', @mmode);
resets('S-mode, our firmware', @smode) if $ENV{SOAK};
resets('S-mode, OpenSBI', @smode, @opensbi);
if ($ENV{SOAK}) {
    boots_debian('our firmware', $_, @smode) for 'fast', 'cycle';
    boots_debian('OpenSBI', $_, @smode, @opensbi) for 'fast', 'cycle';
    boots_extlinux('our firmware', 'fast', @smode);
    boots_extlinux('OpenSBI', 'fast', @smode, @opensbi);
}
done_testing;
