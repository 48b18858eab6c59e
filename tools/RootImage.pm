# SPDX-License-Identifier: MIT
# What makes a root file system without root rights: a tree of files is laid
# out beside the image, mke2fs -d copies it, debugfs makes it reproducible.
# Used by mkroot and mkdebian.
package RootImage;
use strict;
use warnings;
use Exporter 'import';
use File::Copy qw(copy);
use File::Find qw(find);
use File::Path qw(make_path remove_tree);
our @EXPORT = qw(fail run put_file put_program busybox_tree build_image
                 find_busybox $EPOCH);

our $EPOCH = 1_000_000_000;    # every time stamp in an image
my $UUID      = 'c10c4a4d-0000-4000-8000-000000000001';
my $HASH_SEED = 'c10c4a4d-0000-4000-8000-000000000002';
my $BLOCK     = 4096;

$ENV{PATH} .= ':/usr/sbin:/sbin';
$ENV{TZ} = 'UTC';
$ENV{E2FSPROGS_FAKE_TIME} = $EPOCH;

sub fail {
    (my $who = $0) =~ s{.*/}{};
    print STDERR "$who: @_\n";
    exit 1;
}

# A command's output; dies with it when the command fails.
sub run {
    my @cmd = @_;
    open(my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @cmd)
        or fail("$cmd[0]: $!");
    my $text = do { local $/; <$out> } // '';
    close $out;
    chomp(my $said = $text);
    fail("$cmd[0]: $said") if $?;
    return $text;
}

sub put_file {    # with this content
    my ($path, $text, $mode) = @_;
    open(my $f, '>:raw', $path) or fail("$path: $!");
    print $f $text;
    close $f or fail("$path: $!");
    chmod $mode // 0644, $path;
}

sub put_program {
    my ($from, $to) = @_;
    copy($from, $to) or fail("$from: $!");
    chmod 0755, $to;
}

# Where a tree of unpacked packages has busybox.
sub find_busybox {
    my ($packages) = @_;
    my ($busybox) =
        grep { -f } map { "$packages/$_" } qw(usr/bin/busybox bin/busybox);
    defined $busybox or fail("$packages: no busybox (run tools/fetch-guest)");
    return $busybox;
}

# The applets' names: a table of strings in the binary, sorted, from "[" on.
sub applets {
    my ($binary) = @_;
    open(my $f, '<:raw', $binary) or fail("$binary: $!");
    my $bytes = do { local $/; <$f> };
    $bytes =~ /\[\0(\[\[\0[a-z0-9].*?)\0\0/s
        or fail("$binary: no table of applets found");
    my ($last, @names) = ('');
    for my $name ('[', split /\0/, $1) {
        last if $name !~ /^[\w.+\[-]+$/ || $name le $last;
        push @names, $last = $name;
    }
    @names > 100 or fail("$binary: only " . @names . " applets found");
    return @names;
}

# STAGE/bin/busybox with a symbolic link for each of its applets, but for
# those that are a program of PID 1.
sub busybox_tree {
    my ($stage, $busybox) = @_;
    make_path("$stage/bin");
    put_program($busybox, "$stage/bin/busybox");
    for my $name (applets($busybox)) {
        next if $name eq 'busybox' || $name =~ /^(linuxrc|init)$/;
        symlink 'busybox', "$stage/bin/$name" or fail("/bin/$name: $!");
    }
}

# Bytes and inodes that the tree takes, generously.
sub measure {
    my ($stage) = @_;
    my ($blocks, $inodes) = (0, 0);
    find({ no_chdir => 1, wanted => sub {
        my $bytes = -l $_ ? 0 : -d _ ? $BLOCK : -s _;
        $blocks += int(($bytes + $BLOCK - 1) / $BLOCK) + 1;
        $inodes++;
    } }, $stage);
    return ($blocks * $BLOCK * 1.01, $inodes);
}

# One time and one owner for everything: mke2fs copies the host's.
sub fix_inodes {
    my ($stage, $part) = @_;
    my $script = "$part.debugfs";
    open(my $f, '>', $script) or fail("$script: $!");
    my @paths;
    find({ no_chdir => 1, wanted => sub { push @paths, $_ } }, $stage);
    for my $path (sort @paths) {
        (my $name = $path) =~ s/^\Q$stage\E//;
        $name = '/' if $name eq '';
        print $f "set_inode_field \"$name\" $_ \@$EPOCH\n"
            for qw(atime ctime mtime);
        print $f "set_inode_field \"$name\" $_ 0\n" for qw(uid gid);
    }
    print $f "set_inode_field <11> $_ \@$EPOCH\n" for qw(atime ctime mtime);
    close $f or fail("$script: $!");
    my $said = run('debugfs', '-w', '-f', $script, $part);
    $said =~ s/^debugfs[ :].*\n//mg;
    fail("debugfs: $said") if $said =~ /\S/;
    unlink $script;
}

# IMAGE from the tree STAGE, which goes: type (ext2, ext4), label, features
# (mke2fs -O), free_bytes, free_inodes. The image takes its name only when
# e2fsck has found nothing.
sub build_image {
    my ($stage, $image, %want) = @_;
    my $part = "$image.part";
    my ($bytes, $inodes) = measure($stage);
    my $mib = int(($bytes + $want{free_bytes}) / (1 << 20)) + 2;
    unlink $part;
    # 128-byte inodes: nothing here needs more, and mke2fs stamps the rest
    # of larger ones with the host's clock.
    run('mke2fs', '-q', '-t', $want{type}, '-b', $BLOCK, '-I', 128, '-m', 0,
        '-N', $inodes + $want{free_inodes}, '-L', $want{label}, '-U', $UUID,
        '-O', "none,$want{features}",
        '-E', "hash_seed=$HASH_SEED,root_owner=0:0,lazy_itable_init=0",
        '-d', $stage, $part, "${mib}M");
    fix_inodes($stage, $part);
    run('e2fsck', '-fn', $part);
    rename $part, $image or fail("$image: $!");
    remove_tree($stage);
}

1;
