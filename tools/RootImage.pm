# SPDX-License-Identifier: MIT
# Makes a file system image without root rights: the caller lays out a tree of
# files beside the image, mke2fs -d copies it, and debugfs sets owners and times
# so that the image is reproducible. Used by mkroot, mklib, mkdebian, contest.
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

# Runs a command and returns its output, standard error included. If the command
# fails, prints that output and exits.
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

sub put_file {    # writes a file with the content $text
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

# Returns the path of busybox in a tree of unpacked packages.
sub find_busybox {
    my ($packages) = @_;
    my ($busybox) =
        grep { -f } map { "$packages/$_" } qw(usr/bin/busybox bin/busybox);
    defined $busybox or fail("$packages: no busybox (run tools/fetch-guest)");
    return $busybox;
}

# Returns the names of the applets, which the binary holds as a sorted table of
# strings that begins with "[".
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

# Makes STAGE/bin/busybox and a symbolic link for each of its applets. The
# applets init and linuxrc get none: the image has an init of its own.
sub busybox_tree {
    my ($stage, $busybox) = @_;
    make_path("$stage/bin");
    put_program($busybox, "$stage/bin/busybox");
    for my $name (applets($busybox)) {
        next if $name eq 'busybox' || $name =~ /^(linuxrc|init)$/;
        symlink 'busybox', "$stage/bin/$name" or fail("/bin/$name: $!");
    }
}

# Returns the tree's bytes (and a block for each file, and 1 %) and inodes.
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

# Gives every file the same time and owner: mke2fs has copied the host's.
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

# Makes IMAGE from the tree STAGE, then removes the tree. %want: type (ext2,
# ext4), label, features (mke2fs -O), free_bytes, free_inodes. The new image is
# IMAGE.part until e2fsck has found no error in it.
sub build_image {
    my ($stage, $image, %want) = @_;
    my $part = "$image.part";
    my ($bytes, $inodes) = measure($stage);
    my $mib = int(($bytes + $want{free_bytes}) / (1 << 20)) + 2;
    unlink $part;
    # Inodes of 128 bytes suffice. In larger ones mke2fs writes the host's clock
    # into the bytes beyond 128.
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
