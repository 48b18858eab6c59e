#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The power is cut while Debian's git, sqlite3, tar and mv work (cuts.sh) on a disk with
# a volatile write cache. All that was synced must then be on the disk. CUTS=N sets the
# number of cuts (14 by default, 1000 with SOAK=1). A cut that fails is shrunk to the sectors
# that must be lost for that, and printed as one command:
#     cuts.t WORK SEED:SECTORS TIME
use lib 'tests/lib';
use Clockhand;
use List::Util qw(first);
use Shrink;

my $cuts = @ARGV ? 1 : $ENV{CUTS} || ($ENV{SOAK} ? 1000 : 14);
my $from = build() . '/guest/debian/usr';
my ($status, undef, $err) = run_command('', 'tools/fetch-guest', '-o', build(), qw(libc6 libacl1
    libattr1 libpcre2-8-0 libselinux1 libreadline8t64 libsqlite3-0 libtinfo6 zlib1g coreutils
    git sqlite3 tar));
plan skip_all => "no packages: $err" if $status;
my ($stage, $tools, $disk) = map { tmp($_) } qw(stage tools.img disk.img);
my $id = '00000000-0000-4000-8000-000000000089';
my $same = "-t ext2 -U $id -E hash_seed=$id"; # no chance: a printed command makes the same disks
my $libs = "$from/lib/riscv64-linux-gnu";
system("mkdir -p $stage/bin $stage/riscv64-linux-gnu && cp tests/guest/cuts.sh "
    . "$libs/ld-linux-riscv64-lp64d.so.1 $stage && cp $from/bin/git $from/bin/sqlite3 "
    . "$from/bin/tar $from/bin/mv $stage/bin && cp "
    . join(' ', map { "$libs/lib$_" } qw(c.so.6 m.so.6 z.so.1 pcre2-8.so.0 selinux.so.1 acl.so.1
    attr.so.1 readline.so.8 tinfo.so.6 sqlite3.so.0)) . " $stage/riscv64-linux-gnu && "
    . "(mke2fs $same -d $stage $tools 16M; mke2fs $same -m 0 $disk 16M) >/dev/null 2>&1") == 0
    or die;

sub script {
    my ($command, $drive, @options) = @_;
    return guest("mount -t ext2 -o ro /dev/vdb /lib && sh /lib/cuts.sh $command; "
        . 'cut -d" " -f1 /proc/uptime', '--drive', build() . '/guest/root.img,overlay',
        '--drive', "$tools,ro", '--drive', $drive, qw(--timing fast), @options);
}

($status, my $out, $err) = script('make', $disk);
is((run_command('', 'e2fsck', '-fn', $disk))[0], 0, 'the disk is made') or diag($out, $err);
my %seconds = (git => 4, sqlite => 3.5, tar => 2, mv => 1.7); # somewhat longer than each takes
my @works = sort keys %seconds;
my $cut = tmp('cut.img');

# $allowed matches findings of e2fsck that ext2 permits: counts and bitmaps that lag behind; files
# being made or removed, cut between the writes of an inode and of its name; a file being moved,
# which has two names. A block claimed by two files, or illegal, is not permitted.
my $allowed = join '|', '\s*$', 'Pass [1-5]\w?:', '.*(?:FILE SYSTEM WAS MODIFIED|non-contiguous)',
    '(?:Clear|Fix|Connect to /lost\+found)\? yes', '(?:Block|Inode) bitmap differences:',
    '(?:Free (?:blocks|inodes)|Directories) count wrong', 'Inode \d+ ref count is',
    'Unattached (?:zero-length )?inode', 'Unconnected directory inode',
    q{'\.\.' in \S+ \(\d+\) is}, 'Deleted inode \d+ has zero dtime',
    'Entry .* (?:has deleted/unused inode|has an incorrect filetype|is a link to directory)';
# True if an inode is older or newer than its block of pointers, which is allowed: the disk wrote one of
# them only. The 12 pointers (of 1 KiB, that is two sectors) in the inode itself are always as old as it is.
sub apart {
    my ($blocks, $should) = /^Inode \d+, i_blocks is (\d+), should be (\d+)\./;
    my ($size, $found) = /^Inode \d+, i_size is (\d+), should be (\d+)\./;
    return defined $blocks ? $blocks > $should || $should > 24 : defined $size && $size < $found && $found > 12288;
}

# Works until the cut, SEED[:SECTORS] of --drive. Returns the number of the last step synced.
sub work {
    my ($what, $how, $at) = @_;
    my ($seed) = $how =~ /^(\d+)/;
    system('cp', '--sparse=always', $disk, $cut) == 0 or die;
    my (undef, $said) = script("work $what", "$cut,cut=$how", '--max-sim-time', $at,
        $seed & 4 ? ('--disk-model', 'cheetah9lp,queue=ncq') : ());
    return (reverse($said =~ /^kept (\d+)$/mg), 0)[0];
}

# Returns what is wrong on the disk after a cut, a line for each finding.
sub wrong {
    my ($what, $kept) = @_;
    my (undef, $text) = run_command('', qw(env LC_ALL=C e2fsck -fy), $cut);
    my @wrong = grep { !/^(?:$allowed)/ && !apart() } split /\n/, $text;
    my (undef, $found, $why) = script("check $what $kept", $cut);
    return $found =~ /^whole$/m ? @wrong : (@wrong, "step $kept was synced, but: $found$why");
}

# Returns a failing cut as a command that loses only the sectors that it must.
sub needed {
    my ($what, $how, $at) = @_;
    my ($seed) = $how =~ /^(\d+)/;
    work($what, "$seed:0", $at);
    my $whole = slurp($cut);
    my $kept = work($what, $how, $at);
    my $sectors = sectors_needed(slurp($cut), $whole, sub {
        spew($cut, $_[0]);
        return wrong($what, $kept);
    });
    return "tests/guest/cuts.t $what $seed:$sectors $at";
}

srand 20261;
my (%failed, %kept);
for my $i (1 .. $cuts) {
    my $what = $works[$i % @works];
    my @cut = @ARGV ? @ARGV : ($what, $i, sprintf '%.6fs', .05 + rand($seconds{$what} - .05));
    my $kept = work(@cut);
    $kept{$cut[0]} += $kept % 1000;
    my @wrong = wrong($cut[0], $kept) or next;
    $failed{$cut[0]}++;
    diag(join "\n", "cut @cut:", @wrong, 'needed: ' . (eval { needed(@cut) } || $@));
}
is($failed{$_} // 0, 0, "$_: everything synced is there after its share of $cuts cuts, and "
        . 'e2fsck finds only what ext2 permits') for @ARGV ? $ARGV[0] : @works;
if (!@ARGV) {
    cmp_ok($kept{$_}, '>', $cuts / 8, "$_: much was synced") for @works;
    # The first cut that damages both of two copies is shrunk to one sector of each.
    my $seed = first { wrong('twice', work('twice', $_, '9s')) } 1 .. 20;
    my $command = needed('twice', $seed, '9s');
    like($command, qr/ $seed:16[34]\d\d\+245\d\d 9s$/, 'a failing cut is shrunk to what it needs');
    ($status, $out, $err) = run_command('', $^X, split ' ', $command);
    ok($status && $out =~ /^not ok 2 - twice:/m && $err =~ /needed: \Q$command\E$/m,
        '... and its command fails again') or diag($out, $err);
}
done_testing;
