#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Readahead's windows grow (counted in the disk's requests), a cold file streams at the disk's own
# rate, a cached file is not read again, random reads start no readahead, and scarce memory ends it.
use lib 'tests/lib';
use Clockhand;

my $mib  = 1 << 20;
my $tree = tmp('tree');
mkdir $tree;
srand 7;
spew("$tree/big", join '', map { pack 'L', rand 2**32 } 1 .. 2 * $mib);
my $disk = tmp('disk.img');
system("mke2fs -q -t ext2 -b 4096 -m 0 -d $tree $disk 12M >/dev/null 2>&1") == 0 or die;
my $sum = qx{md5sum < $tree/big};

# Runs a command with /mnt mounted and dd in memory; returns output and --stats.
sub run_on {
    my ($command, @options) = @_;
    my ($out) = succeeds("$command @options: status", guest(
        'cd /; mount -t ext2 -o ro /dev/vdb /mnt; dd if=/dev/zero of=/dev/null '
            . "count=1 2>/dev/null; $command",
        '--drive', build() . '/guest/root.img,overlay', '--drive', $disk,
        '--stats', tmp('stats'), @options));
    return ($out, json(slurp(tmp('stats'))));
}

# Prints vdb's read requests and sectors from /proc/diskstats.
my $look = q{awk '$3 == "vdb" {print "disk", $4, $6}' /proc/diskstats};
my $clock = q{read up x < /proc/uptime; echo up $up};

sub figures { return map { [/^disk (\d+) (\d+)$/] } grep { /^disk/ } split /\n/, shift }

# ---- streaming

my ($out, $stats) = run_on("$look; md5sum < /mnt/big; $look; md5sum < /mnt/big; $look",
    '--ram', '32M', '--events', tmp('events'));
my @f = figures($out);
is(scalar(() = $out =~ /^\Q$sum\E/mg), 2, 'the right bytes, both times');
cmp_ok($f[1][1] - $f[0][1], '>=', 8 * 2048, 'the first time from the disk');
cmp_ok($f[1][0] - $f[0][0], '<=', 8 * 256 / 32 + 12,
    '... in requests of 32 pages, but for the first few');
is($f[2][1], $f[1][1], 'the second time without the disk');
my %came;
$came{ $_->{reason} }++ for events(tmp('events'));
cmp_ok($came{'read-ahead'}, '>=', 2000, 'pages come by readahead');
cmp_ok($came{'file-read'}, '<=', 60,
    '... before they are needed: few reads wait for a page');

# The cheetah9lp's media rate is 17.7 MB/s: 213 sectors a track, 10,045 rpm, one head
# switch (176 us) a track. The first half of the file uses up the data that the drive has
# read into its own buffer; the second half is measured.
for my $block (65536, 4096, 512) {
    my $half = 4 * $mib / $block;
    my $dd   = "dd if=/mnt/big of=/dev/null bs=$block count=$half";
    my ($text) = run_on("$dd 2>/dev/null; $clock; $dd skip=$half 2>/dev/null; "
        . "$clock", '--ram', '16M');
    my @up = $text =~ /^up ([\d.]+)$/mg;
    my $rate = 4 * $mib / ($up[1] - $up[0] + 0.005) / 1e6;
    cmp_ok($rate, '>=', 0.9 * 17.7, "reads of $block bytes stream: " . sprintf '%.1f MB/s', $rate);
    cmp_ok($rate, '<=', 1.1 * 17.7, '... and no faster than the disk turns');
}

# ---- windows, from the disk's requests

sub windows {
    my ($command, @options) = @_;
    my ($text, $st) = run_on("$look; $command; $look", @options);
    my @g = figures($text);
    return ($g[1][0] - $g[0][0], ($g[1][1] - $g[0][1]) / 8);
}
# dd asks for 60 pages, one at a time; readahead reads windows of 4, 8, 16 and 32.
my ($requests, $pages) = windows('dd if=/mnt/big of=/dev/null bs=4k count=60 2>/dev/null');
cmp_ok($requests, '<=', 7, 'sixty reads of one page each are a few requests');
cmp_ok($pages, '>=', 60, '... that read all sixty pages');
cmp_ok($pages, '<=', 60 + 64 + 4, '... and at most two windows more');
# A new reader starts at the marker of the window of 16 pages (12 to 27), and gets the next window,
# of 32. If it counted as a reader of page 12 alone, it would get a first window, of four.
($requests, $pages) = windows('dd if=/mnt/big of=/dev/null bs=4k count=5 2>/dev/null; '
    . 'dd if=/mnt/big of=/dev/null bs=4k skip=12 count=1 2>/dev/null; sleep .2');
cmp_ok($pages, '>=', 28 + 32, 'a reader that joins a window knows its size');
my $random = join ' ', map { 3 + 37 * $_ % 1999 } map { $_ * 17 } 1 .. 40;
($requests, $pages) = windows("for p in $random; do dd if=/mnt/big of=/dev/null "
    . 'bs=4k skip=$p count=1 2>/dev/null; done');
cmp_ok($pages, '<=', 40 + 6, 'forty random reads read forty pages');
($requests, $pages) =
    windows('dd if=/mnt/big of=/dev/null bs=4k count=60 2>/dev/null',
    '--set', 'vm.read_ahead_pages=0');
cmp_ok($requests, '>=', 60, 'without read-ahead each page is a request');
($requests, $pages) = windows('exec 3</mnt/big 4</mnt/big; i=0; '
    . 'dd bs=4k skip=1000 count=0 <&4 2>/dev/null; '
    . 'while [ $i -lt 64 ]; do dd bs=4k count=1 of=/dev/null <&3 2>/dev/null; '
    . 'dd bs=4k count=1 of=/dev/null <&4 2>/dev/null; i=$((i+1)); done');
cmp_ok($requests, '<=', 16, 'two interleaved streams: each has its readahead');

# ---- memory is short: readahead is abandoned, the bytes are right.

# Returns the fewest free frames just after readahead took a frame (an event with the reason
# $guess), and the number of such events. (Frames are free before their first event.)
sub least_free {
    my ($guess, $ram_mib) = @_;
    my ($free, $least, $n) = ($ram_mib * 256, 1e9, 0);
    for my $e (events(tmp('events'))) {
        $free += ($e->{to} eq 'free') - ($e->{from} eq 'free');
        next unless $e->{reason} eq $guess && $e->{from} eq 'free';
        $n++;
        $least = $free if $free < $least;
    }
    return ($least, $n);
}
# These are min and low, in frames, in 8 MiB (tests/unit/test_policy_marks.c). Readahead of files
# stops when free memory is half-way between them, readahead of swap when it is at low
# (vm/readahead.c, vm/swapcache.c).
my ($min, $low) = (90, 112);

my ($short, $s) = run_on('md5sum < /mnt/big; cat /mnt/big >/dev/null; grep ra_ /proc/vmstat; '
    . 'echo 1 > /proc/audit && echo sound', '--ram', '8M', '--events', tmp('events'));
like($short, qr/^\Q$sum\E/, 'a file larger than memory reads right');
like($short, qr/^sound$/m, 'the audit holds');
my ($ahead, $unused) = $short =~ /^ra_pages (\d+)\nra_unused (\d+)/m;
cmp_ok($unused, '<', $ahead / 10, "few pages read ahead were not used ($unused of $ahead)");
my ($least, $n) = least_free('read-ahead', 8);
is($least, ($min + $low) / 2, "none of $n pages read ahead takes scarce memory (004-8)");

# Under other policies, too, readahead of files stops half-way between min and low.
for (['linux26', 48], ['kpaged', 24], ['gnumach99', 64]) {
    my ($policy, $between) = @$_;
    run_on('md5sum < /mnt/big', '--ram', '8M', '--timing', 'fast', '--policy', $policy,
        '--events', tmp('events'));
    ($least, $n) = least_free('read-ahead', 8);
    is($least, $between, "$policy: none of $n pages read ahead takes scarce memory");
}

my ($status, $counted) = guest('/tests/pressure private 16384 >/dev/null; '
        . "awk '/^swap_ra / {print \$2}' /proc/vmstat", '--timing', 'fast',
    '--ram', '8M', '--swap', '32M', '--events', tmp('events'));
($least, $n) = least_free('swap-ahead', 8);
is($least, $low, "none of $n neighbours read from swap takes scarce memory");
chomp $counted;
ok($counted <= $n && $counted > $n - 64, '... each of which is counted: swap_ra was '
        . "$counted when awk read it");
done_testing;
