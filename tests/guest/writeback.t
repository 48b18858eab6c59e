#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests how pages of files become dirty, when they are written back, how many may be dirty at once,
# and what an idle kflushd costs. The judges are the frames' events and --stats, seen from the
# machine's side, e2fsck, and the disk's requests as the guest's /proc/diskstats counts them.
use lib 'tests/lib';
use File::Temp qw(tempdir);
use List::Util qw(max);
use Clockhand;
use Qemu;

my $image = tmp('root.img');
my ($host_times, $times) = compile_both('tests/guest/store_times.c');
my (undef, $pages) = compile_both('tests/guest/file_pages.c');

# Runs a command on a fresh root disk; returns the output, --stats, and the
# events of pages of files. The disk must be clean afterwards.
sub run_on {
    my ($name, $command, @options) = @_;
    system('cp', '--sparse=always', build() . '/guest/root.img', $image) == 0
        or die;
    spew(tmp('debugfs'), join '', map { "write $_->[0] /tests/$_->[1]\n"
        . "set_inode_field /tests/$_->[1] mode 0100755\n" } [$pages, 'pages'], [$times, 'times']);
    system("debugfs -w -f @{[tmp('debugfs')]} $image >/dev/null 2>&1") == 0
        or die;
    my ($out) = succeeds("$name: status", guest("cd /root; $command", '--drive', $image,
        '--stats', tmp('stats'), '--events', tmp('events'), @options));
    my ($fsck, $text) = run_command('', 'e2fsck', '-fn', $image);
    is($fsck, 0, "$name: the disk is clean") or diag($text);
    my @events = grep { $_->{from} =~ /^file-/ || $_->{to} =~ /^file-/ }
        events(tmp('events'));
    return ($out, json(slurp(tmp('stats'))), \@events);
}

# ---- shared mappings

for my $options ([], ['--ad', 'fault']) {
    my ($out) = run_on("mappings @$options", '/tests/pages .', @$options);
    unlike($out, qr/^not ok/m, "mappings @$options: all checks pass") or diag($out);
    is(scalar(() = $out =~ /^ok/mg), 34, '... all 34 of them');
}

# ---- times of a file that is stored into

for my $dir (tempdir(CLEANUP => 1), -w '/dev/shm' ? tempdir(DIR => '/dev/shm', CLEANUP => 1) : ()) {
    like(qx($host_times $dir), qr/^(ok .*\n)+\z/, "$dir: this host's Linux changes times when the table says so");
}
my ($lines) = run_on('times', '/tests/times /root; /tests/times /tmp; stat -c %Y left');
like($lines, qr/^(ok .*\n)+9466848\d\d\n\z/, 'so does the guest, on its disk and in tmpfs');
like(qx(debugfs -R 'stat /root/left' $image 2>/dev/null), qr/^mtime: 0x386d43/m, '... and the time is on the disk');

# ---- age of dirty pages

# Returns the longest time for which a page was dirty, in seconds.
sub age {
    my ($stats, $events) = @_;
    my $hz = $stats->{cycles} / $stats->{simulated_seconds};
    my %since;
    my $oldest = 0;
    for my $e (@$events) {
        if ($e->{to} eq 'file-dirty') {
            $since{ $e->{pfn} } //= $e->{cycle};
        } elsif (defined $since{ $e->{pfn} }) {
            $oldest = max($oldest, ($e->{cycle} - delete $since{ $e->{pfn} }) / $hz);
        }
    }
    is(scalar(keys %since), 0, 'no page is dirty at the end');
    return $oldest;
}
my (undef, $stats, $events) = run_on('age', 'echo x > f; sleep 40');
my $age = age($stats, $events);
ok($age >= 29.9 && $age < 35.5, "a page is written when it has been dirty for 30 s: $age s");
(undef, $stats, $events) = run_on('younger', 'echo x > f; sleep 40', '--set',
    'vm.dirty_expire_centisecs=200', '--set',
    'vm.dirty_writeback_centisecs=100');
$age = age($stats, $events);
ok($age >= 1.9 && $age < 3.5, "the age is a tunable, here 2 s: $age s");
my ($out) = run_on('the four tunables', 'cat /proc/sys/vm/dirty_*; '
    . 'echo 7 > /proc/sys/vm/dirty_ratio; cat /proc/sys/vm/dirty_ratio');
is($out, "10\n3000\n20\n500\n7\n", '/proc/sys has the tunables');

# ---- number of dirty pages

# Returns the largest number of pages that were dirty at once.
sub most_dirty {
    my ($events) = @_;
    my (%dirty, $most);
    for my $e (@$events) {
        delete $dirty{ $e->{pfn} };
        $dirty{ $e->{pfn} } = 1 if $e->{to} eq 'file-dirty';
        $most = max($most // 0, scalar keys %dirty);
    }
    return $most;
}
for my $limit ([10, 20], [2, 5]) {
    my ($background, $hard) = @$limit;
    my $name = "limits of $background and $hard%";
    my ($text, $st, $ev) = run_on($name,
        'dd if=/dev/zero of=f bs=64k count=96 2>/dev/null; '
            . 'awk \'$3 == "vda" {print $8, $10 / 8}\' /proc/diskstats; sync; '
            . 'awk \'$3 == "vda" {print $8, $10 / 8}\' /proc/diskstats; rm f',
        '--set', "vm.dirty_background_ratio=$background", '--set',
        "vm.dirty_ratio=$hard");
    my ($n, $written, $all_n, $all) = $text =~ /^(\d+) (\d+)\n(\d+) (\d+)$/m;
    my $most = most_dirty($ev);
    cmp_ok($most, '<=', $hard / 100 * 4096 + 32, "$name: at most $hard% of RAM and 32 pages are dirty at once: $most");
    cmp_ok($written, '>=', 1536 - $hard / 100 * 4096 - 32,
        "$name: the other pages were written meanwhile");
    cmp_ok($all, '<', 1536 + 64, "$name: each page is written once");
    cmp_ok($all_n, '<', 1536 / 16, "$name: over 16 pages in a request ($all_n requests)");
    cmp_ok($st->{kernel}{dirty_throttled}, '>', 0, "$name: the writer was held back");
}

# A frame on Solaris 8's cache list is free, and still holds a page of a file: it must count once,
# not twice, in the memory of which a part may be dirty.
my %n;
for my $policy (qw(clock solaris8)) {
    my (undef, $numbers) = guest('cat /bin/* /era/*/* > /dev/null 2>&1; '
            . 'cat /proc/vmstat', '--policy', $policy, '--timing', 'fast', '--ram', '8M');
    %n = $numbers =~ /^(\w+) (\d+)$/mg;
    cmp_ok($n{nr_dirty_threshold}, '>', 0.1 * 2048, "$policy: the limit of dirty pages counts clean pages of files");
}
cmp_ok($n{nr_free_pages} + $n{nr_file_pages}, '>', 2048,
    'solaris8: pages of files are on the cache list');
cmp_ok($n{nr_dirty_threshold}, '<', 0.2 * 2048, '... and 20% of memory may be dirty, not more');
is($n{nr_dirty_background_threshold}, int($n{nr_dirty_threshold} / 2),
    '... kflushd begins at half of that');

# ---- a file larger than memory, in 8 MiB

my ($text, $st, $ev) = run_on('large', 'for i in 1 2 3 4 5 6; do '
    . 'cat /bin/busybox; done > f; md5sum < f; rm -f nothing; '
    . 'for i in 1 2 3 4 5 6; do cat /bin/busybox; done | md5sum; '
    . 'echo 3 > /proc/sys/vm/drop_caches; md5sum < f; '
    . 'echo 1 > /proc/audit && echo sound', '--ram', '8M');
my @sums = $text =~ /^([0-9a-f]{32})/mg;
ok(@sums == 3 && $sums[0] eq $sums[1] && $sums[1] eq $sums[2],
    'a file larger than memory is written and read right') or diag($text);
like($text, qr/^sound$/m, 'the audit holds');
my @lost = grep { $_->{from} eq 'file-dirty' && $_->{to} ne 'file-clean'
        && $_->{to} ne 'file-dirty' } @$ev;
is(scalar @lost, 0, 'no dirty page was dropped')
    or diag(join ',', map { "$_->{to} $_->{reason}" } @lost[0 .. 2]);
is(scalar(grep { $_->{reason} eq 'write-back' && $_->{from} ne 'file-dirty' }
    @$ev), 0, 'no clean page was written');
cmp_ok($st->{kernel}{nr_written}, '<=', $st->{kernel}{nr_dirtied},
    'no more pages were written than became dirty');

# ---- an idle daemon

my @busy = map {
    my $s = (run_on("idle $_ s", "sleep $_"))[1];
    $s->{cycles} - $s->{cycles_by}{idle}
} 1, 101;
my $hz = $stats->{cycles} / $stats->{simulated_seconds};
cmp_ok(($busy[1] - $busy[0]) / (100 * $hz), '<', 0.001,
    'a hundred idle seconds cost under 0.1% of their cycles');
done_testing;
