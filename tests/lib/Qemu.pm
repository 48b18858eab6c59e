# SPDX-License-Identifier: MIT
# Runs the guest under qemu-system-riscv64: the same kernel.elf and root.img with QEMU's
# own firmware and devices, to check our guest and our emulator.
package Qemu;
use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(basename);
use File::Temp qw(tempdir);
use Pty;
our @EXPORT = qw(compile_both qemu_run qemu_script qemu_image qemu_boot);

my $build = $ENV{BUILD} || 'build';
my $dir = tempdir(CLEANUP => 1);

# Options: image => FILE ('' for no disk), ram => '16M', append => TEXT, swap => FILE (a
# second disk, written to), timeout => SECONDS, more => [QEMU ARGUMENTS].
sub command {
    my %o = @_;
    my $image = $o{image} // "$build/guest/root.img";
    my @disk = $image eq '' ? () : (
        '-drive', "file=$image,if=none,format=raw,id=root,snapshot=on",
        '-device', 'virtio-blk-device,drive=root,bus=virtio-mmio-bus.0');
    push @disk, '-drive', "file=$o{swap},if=none,format=raw,id=swap", '-device',
        'virtio-blk-device,drive=swap,bus=virtio-mmio-bus.1' if $o{swap};
    return ('timeout', '-k', '2', $o{timeout} || 60, 'qemu-system-riscv64',
        '-M', 'virt', '-m', $o{ram} || '16M', '-nographic', '-no-reboot',
        '-global', 'virtio-mmio.force-legacy=false',
        '-kernel', "$build/guest/kernel.elf", @disk, @{ $o{more} || [] },
        '-append', $o{append} // 'quiet');
}

# Boots with run=COMMAND, and waits until the guest powers off. Returns the output after the
# firmware's banner, without CRs, and QEMU's status (124: timed out; 137: timed out, and killed).
sub qemu_run {
    my ($run, %o) = @_;
    my @argv = command(append => "quiet run=$run", %o);
    my $pid = open my $from, '-|' // die;
    if (!$pid) {
        open STDIN,  '<', '/dev/null' or die;
        open STDERR, '>&', \*STDOUT   or die;
        exec @argv or die "exec: $!";
    }
    my $out = do { local $/; <$from> } // '';
    close $from;
    my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    $out =~ s/.*^Boot HART MEDELEG[^\n]*\n//ms;
    $out =~ s/\r//g;
    return ($out, $status);
}

# Compiles one C program, static, for this host and for the guest; returns the two
# files. Further arguments are flags of both compilers.
sub compile_both {
    my ($source, @flags) = @_;
    my $name = basename($source, '.c');
    my @file = map { "$dir/$name.$_" } qw(host guest);
    my @cc   = ('-O1', '-Wall', '-static', '-s', @flags, $source, '-o');
    system('cc', @cc, $file[0]) == 0 or die 'no compiler';
    system('riscv64-linux-gnu-gcc', @cc, $file[1]) == 0
        or die 'no cross compiler';
    return @file;
}

# Copies the root image and puts executable files into it: path in the guest
# (without the first slash) => file here.
sub qemu_image {
    my %put = @_;
    my $image = "$dir/root.img";
    system('cp', '--sparse=always', "$build/guest/root.img", $image) == 0
        or die 'cannot copy root.img';
    open my $f, '>', "$dir/debugfs" or die;
    for my $path (sort keys %put) {
        print $f "write $put{$path} $path\n", "set_inode_field $path mode 0100755\n";
    }
    close $f;
    system("debugfs -w -f $dir/debugfs $image >/dev/null 2>&1") == 0
        or die 'debugfs failed';
    return $image;
}

# Runs a shell script of any length in one boot, as /tests/script.
sub qemu_script {
    my ($text, %o) = @_;
    open my $f, '>', "$dir/script" or die;
    print $f $text;
    close $f;
    my $image = qemu_image('tests/script' => "$dir/script");
    return qemu_run('sh /tests/script', image => $image, %o);
}

# Boots interactively, on a terminal (Pty.pm).
sub qemu_boot { return Pty->start(24, 80, command(@_)) }

1;
