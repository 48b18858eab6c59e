# SPDX-License-Identifier: MIT
# Boots Debian's own kernel on the machine: finds the images of `make debian`, returns
# options that boot them, and makes scripts that type commands at their shell. Also makes
# a root for chroot from Debian's packages, for any kernel.
package Debian;
use Exporter 'import';
use Clockhand;
our @EXPORT = qw(debian_images boot_arguments quiet_kernel type_and_expect
                 root_with packages_image $PROMPT);

our $PROMPT = 'debian# ';

# Returns the folder of the images; if they are missing, skips the test and says why.
sub debian_images {
    my $dir = build() . '/debian';
    return $dir if -r "$dir/versions";
    plan skip_all => 'no Debian images: the packages could not be had '
        . "(`make debian' says why)";
}

# Returns the kernel's command line: root, few messages and security modules, no self-tests.
sub quiet_kernel {
    return 'console=ttyS0 root=/dev/vda quiet loglevel=1 cryptomgr.notests ' . 'lsm=capability';
}

# Returns options for a boot from a disk image, with Clockhand's own loader (--kernel).
sub boot_arguments {
    my ($disk, %with) = @_;
    my $dir = build() . '/debian';
    return ('--kernel', "$dir/Image", '--initrd', "$dir/initrd", '--drive',
        $disk, '--ram', '128M', '--append', $with{append} // quiet_kernel());
}

# Compiles a C file of the tests into /root of a copy of the root disk; returns the copy.
sub root_with {
    my $source = shift;
    my ($name) = $source =~ m,(\w+)\.c$,;
    my ($program, $root) = (tmp($name), tmp('root.img'));
    run_command('', 'riscv64-linux-gnu-gcc', '-O2', '-Wall', '-Wextra',
        '-Werror', '-static', '-o', $program, $source);
    -e $program or die $source;
    local $ENV{PATH} = "$ENV{PATH}:/usr/sbin:/sbin";
    run_command('', 'cp', build() . '/debian/root.img', $root);
    run_command('', 'debugfs', '-w', '-R', "write $program root/$name", $root);
    run_command('', 'debugfs', '-w', '-R', "sif root/$name mode 0100755", $root);
    return $root;
}

# Makes an ext2 image, a root for chroot with 32 MiB free, of Debian's packages, of busybox for what
# they lack, and of files (path => text). Skips the test if a package cannot be had; returns the image.
sub packages_image {
    my ($files, @packages) = @_;
    my ($status, $debs, $err) = run_command('', 'tools/fetch-guest', '-p', '-o', build(), @packages);
    plan skip_all => "no packages: $err" if $status;
    require './tools/RootImage.pm';
    my ($root, $image) = (tmp('root'), tmp('packages.img'));
    mkdir $_ for $root, map { "$root/$_" } qw(usr usr/bin usr/lib usr/sbin etc proc dev tmp);
    symlink "usr/$_", "$root/$_" for qw(bin lib sbin);
    RootImage::busybox_tree($root, RootImage::find_busybox(build() . '/guest/debian'));
    RootImage::run('dpkg-deb', '-x', $_, $root) for split /\n/, $debs; # replaces busybox's links
    RootImage::run('rm', '-rf', "$root/usr/share");
    spew("$root/$_", $files->{$_}) for keys %$files;
    RootImage::build_image($root, $image, type => 'ext2', label => 'packages',
        features => 'filetype,sparse_super,large_file', free_bytes => 32 << 20, free_inodes => 4096);
    return $image;
}

# Writes a script for -x that types each command at the prompt, then runs on; returns its name.
sub type_and_expect {
    my ($file, @commands) = @_;
    my $last = pop @commands;
    my $text = qq(expect "$PROMPT" 120s\n);
    for my $command (@commands) {
        (my $typed = $command) =~ s/([\\"])/\\$1/g;
        $text .= qq(send "$typed\\n"\nexpect "$PROMPT" 60s\n);
    }
    return spew($file, $text . qq(send "$last\\n"\ncontinue\n));
}

1;
