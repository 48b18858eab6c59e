#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The power is cut at random disk writes and at some random moments; each cut loses
# a different part of what the disk's write cache holds. e2fsck -fy must then turn the disk
# into a whole file system that has every file for which fsync had returned. In every
# second run the disk reorders its writes (queue=ncq). A cut that fails is shrunk to the sectors that
# must be lost for that (--drive FILE,cut=SEED:SECTORS).
#
# CRASHES=N: the number of cuts at a write (15 by default, 1000 with SOAK=1).
use lib 'tests/lib';
use Clockhand;
use Shrink;

my $build = build();
my $crashes = $ENV{CRASHES} || ($ENV{SOAK} ? 1000 : 15);

my @cc = ('-O1', '-Wall', '-Wno-unused-result', 'tests/guest/crash_files.c', '-o');
system('riscv64-linux-gnu-gcc', '-static', '-s', @cc, tmp('crash')) == 0
    or die('no cross compiler');
my ($root, $disk) = map { tmp("$_.img") } qw(root disk);
system('cp', '--sparse=always', "$build/guest/root.img", $root) == 0 or die;
spew(tmp('debugfs'), "write @{[tmp('crash')]} /tests/crash\n"
    . "set_inode_field /tests/crash mode 0100755\n");
system("debugfs -w -f @{[tmp('debugfs')]} $root >/dev/null 2>&1") == 0 or die;

# Runs the work on a fresh disk and cuts its power at the end, as "SEED[:SECTORS]" says; returns
# status, output and messages. No two disks differ by chance.
my $id = '00000000-0000-4000-8000-000000000089';
sub work {
    my ($seed, $block, $cut, @limit) = @_;
    system("mke2fs -q -t ext2 -U $id -E hash_seed=$id -b $block -N 500 -m 0 -O "
        . "none,filetype,sparse_super,large_file $disk 8M >/dev/null 2>&1") == 0 or die;
    my ($status, $out, $err) =
        guest("mount -t ext2 /dev/vdb /mnt && /tests/crash /mnt $seed 150",
        '--drive', "$root,overlay", '--drive', "$disk,cut=$cut", '--timing', 'fast',
        ($cut =~ /^\d*[13579]\b/ ? ('--disk-model', 'cheetah9lp,queue=ncq') : ()),
        '--stats', tmp('stats'), @limit);
    return ($status, $out, $err);
}

# Returns the files that must be there, from "kept", "moving" and "going" lines: number
# => [length, names that it may have].
sub promises {
    my %kept;
    for (split /\n/, shift) {
        if (/^kept (\d+) (\d+) (\S+)$/) {
            $kept{$1} = [$2, $3];
        } elsif (/^moving (\d+) \d+ (\S+)$/) {
            push @{ $kept{$1} }, $2;
        } elsif (/^going (\d+)$/) {
            delete $kept{$1};
        }
    }
    return %kept;
}

# Returns the bytes of file n (crash_files.c): byte i is n * 37 + (i >> 8) * 11 + i.
# Each row of 256 bytes has all byte values in order, beginning at another value.
my $twice = join '', map { chr } (0 .. 255) x 2;
sub content {
    my ($n, $length) = @_;
    return substr join('', map { substr $twice, ($n * 37 + $_ * 11) & 255, 256 }
        0 .. $length >> 8), 0, $length;
}

# Returns the kept files that are missing or wrong in the tree under $top.
sub broken {
    my ($top, %kept) = @_;
    my @broken;
    for my $n (sort { $a <=> $b } keys %kept) {
        my ($length, @names) = @{ $kept{$n} };
        my @there = grep { -f "$top/$_" } @names;
        my $want = content($n, $length);
        push @broken, "$n @names: " . (@there ? 'other bytes' : 'not there')
            if !grep { slurp("$top/$_") eq $want } @there;
    }
    return @broken;
}

# Returns what is wrong on the disk after a cut, a line for each finding, and e2fsck's status.
sub wrong {
    my %kept = @_;
    my ($status, $text) = run_command('', 'e2fsck', '-fy', $disk);
    my ($left, $again) = run_command('', 'e2fsck', '-fn', $disk);
    my $top = tmp('tree');
    mkdir $top;
    system("debugfs -R 'rdump / $top' $disk >/dev/null 2>&1");
    my @wrong = broken($top, %kept);
    system('rm', '-rf', $top);
    push @wrong, "e2fsck does not repair it: $text" if $status > 1;
    push @wrong, "e2fsck finds more faults: $again" if $left;
    return (\@wrong, $status);
}

# Returns the sectors that the failing cut must lose, as SEED:SECTORS.
sub needed {
    my ($seed, $block, $cut, @limit) = @_;
    work($seed, $block, "$cut:0", @limit);
    my $whole = slurp($disk);
    my %kept = promises((work($seed, $block, $cut, @limit))[1]);
    return "$cut:" . sectors_needed(slurp($disk), $whole, sub {
        spew($disk, $_[0]);
        return @{ (wrong(%kept))[0] };
    });
}

# Returns the times at which the writes of work($seed, $block) reach the disk, in
# seconds, exact to SLICE: the count of writes is printed after each SLICE of the run.
use constant SLICE => $ENV{SOAK} ? 250e-6 : 1e-3;
sub writes {
    my ($seed, $block, $seconds) = @_;
    my $script = spew(tmp('scan.ch'), "print disks.1.writes\nrun-for @{[SLICE * 1e6]}us\n"
        x ($seconds / SLICE - 1));
    my ($status, $out, $err) = work($seed, $block, 0, '-x', $script);
    my @count = "$out$err" =~ /^(\d+)$/mg;
    my @at;
    for my $i (1 .. $#count) {
        push @at, $i * SLICE for $count[$i - 1] + 1 .. $count[$i];
    }
    return @at;
}

my ($seconds, %writes);
for my $block (4096, 1024) {
    my ($out, $err) = succeeds("block size $block: the work ends by itself", work(1, $block, 0));
    like($out, qr/^end \d\d+$/m, '... with its last line');
    my ($fsck, $text) = run_command('', 'e2fsck', '-fn', $disk);
    is($fsck, 0, '... and leaves a clean file system') or diag($text);
    my $stats = json(slurp(tmp('stats')));
    $seconds = $stats->{simulated_seconds} or die 'no time';
    my @at = writes(1, $block, $seconds);
    cmp_ok(abs(@at - $stats->{disks}[1]{writes}), '<=', 5,
        'the times of all writes are known: ' . @at);
    $writes{$block} = \@at;
}

srand 20261;
my ($repaired, $promised) = (0, 0);
my $total = $crashes + int($crashes / 5);
for my $i (1 .. $total) {
    my $block = $i % 4 ? 4096 : 1024;
    my $n = int rand @{ $writes{$block} };
    my ($seed, $at) = (1, $writes{$block}[$n] - rand(SLICE));
    my $name = sprintf 'crash %d at write %d', $i, $n + 1;
    if ($i > $crashes) { # at a random moment, with another seed
        ($seed, $at) = ($i, 0.1 + rand($seconds - 0.1));
        $name = sprintf 'crash %d after %.4f s', $i, $at;
    }
    my @cut = ($seed, $block, $i, '--max-sim-time', sprintf '%.7fs', $at);
    my (undef, $out) = work(@cut);
    my %kept = promises($out);
    $promised += keys %kept;
    my ($wrong, $status) = wrong(%kept);
    $repaired++ if $status == 1;
    is_deeply($wrong, [], "$name: e2fsck repairs it, and every fsynced file is there (" . keys(%kept) . ' files)')
        or diag($out, "work @cut\nneeded: cut=" . (eval { needed(@cut) } || $@));
}
# Returns the bytes of file a after the given commands, a power cut at 3 s, and e2fsck.
sub a_after {
    system("mke2fs -q -t ext2 -m 0 $disk 8M >/dev/null 2>&1") == 0 or die;
    guest("mount -t ext2 /dev/vdb /mnt && cd /mnt && mkdir d; echo one > a; sync; $_[0]; sleep 9",
        '--drive', "$root,overlay", '--drive', "$disk,cut=1", qw(--timing fast --max-sim-time 3s));
    system("e2fsck -fy $disk >/dev/null 2>&1");
    return (run_command('', 'debugfs', '-R', 'cat a', $disk))[1];
}
# A file that was not synced takes the name of a synced file. (The name once reached the disk
# before the inode, and e2fsck removed it.) The name of a removed file may still be there, but must
# not lead to another file's bytes. (A new file once got the removed file's inode.)
like(a_after('echo two > b; mv b a'), qr/^(?:one|two)$/m, 'a name that another file takes is not lost');
unlike(a_after('rm a; echo two > d/b; mv d/b d/c'), qr/^two$/m, '... nor leads to another file');
cmp_ok($promised, '>', 5 * $total, 'many files could have been lost');
cmp_ok($repaired, '>', $total / 2, 'most crashes left something to repair');
done_testing;
