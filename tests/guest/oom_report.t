#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# When memory runs out, the kernel kills a process, chosen by the formula of the
# policy's system, and prints the report that document 002 (slides) shows. The test reads it field by field
# and checks the sums that must hold in it. (002-14, 002-15, 002-17, 002-18, 002-21)
use lib 'tests/lib';
use Clockhand;
use Qemu;

# ---- the report ----
my $kb = qr/(\d+)kB/;
my @lines = (
    ['gfp', qr/^oom-killer: gfp_mask=0x[0-9a-f]+$/],
    ['free_kb highmem_kb', qr/^Free pages: ${kb} \(${kb} HighMem\)$/],
    ['active inactive dirty writeback unstable free slab mapped pagetables',
        qr/^Active:(\d+) inactive:(\d+) dirty:(\d+) writeback:(\d+) unstable:(\d+) free:(\d+) slab:(\d+) mapped:(\d+) pagetables:(\d+)$/],
    ['zones'], # a line each
    ['add del found asked', qr{^Swap cache: add (\d+), delete (\d+), find (\d+)/(\d+), race 0\+0$}],
    ['swap_kb', qr/^Free swap: $kb$/],
    ['ram', qr/^(\d+) pages of RAM$/],
    ['high', qr/^(\d+) pages of HIGHMEM$/],
    ['reserved', qr/^(\d+) reserved pages$/],
    ['shared', qr/^(\d+) pages shared$/],
    ['swap_cached', qr/^(\d+) pages swap cached$/],
    ['mlocked', qr/^(\d+) pages mlocked$/],
    ['points', qr/^OOMkill: (\d+) points$/],
    ['pid name', qr/^Out of Memory: Killed process (\d+) \((.*)\)\.$/],
);

my @zone = qw(zone free min low high active inactive present scanned full);
my $zone = qr/^(DMA|Normal|HighMem) free:$kb min:$kb low:$kb high:$kb active:$kb inactive:$kb present:$kb pages_scanned:(\d+) all_unreclaimable\? (yes|no|-)$/;
my $stamp = qr/^\[ *(\d+\.\d+)\] /;

# Moves the zones' lines from the log into a list of hashes in {zones}, and the sum of each field
# into {z_field}. Returns false if there is no such line, or if a line is malformed.
sub zones {
    my ($r, $log) = @_;
    while (@$log && $log->[0] =~ s/$stamp(?=[A-Za-z]+ free:)//) {
        push @{ $r->{stamps} }, $1;
        my %z;
        (@z{@zone}) = shift(@$log) =~ $zone or return;
        push @{ $r->{zones} }, \%z;
        $r->{"z_$_"} += $z{$_} for @zone[1 .. 8];
    }
    return $r->{zones};
}

# Returns all reports in a log, each a hash of its fields, with {stamps} in seconds.
sub reports {
    my @log = grep { /^\[ *\d+\.\d{6}\] / } split /\r?\n/, shift;
    my @all;
    while (@log) {
        my %r = (stamps => []);
        for my $line (@lines) {
            my ($names, $like) = @$line;
            if (!$like) {
                zones(\%r, \@log) or return diag("no zones: $log[0]");
                next;
            }
            my $text = shift @log // '';
            $text =~ s/$stamp// and push @{ $r{stamps} }, $1;
            my @value = $text =~ $like or return diag("no $names: $text");
            @r{ split / /, $names } = @value;
        }
        push @all, \%r;
    }
    return @all;
}

# Checks that must hold in every report (002-15).
sub check_report {
    my ($r, $name) = @_;
    my ($high) = grep { $_->{zone} eq 'HighMem' } @{ $r->{zones} };
    is($r->{free} * 4, $r->{z_free}, "$name: free x 4 is the sum of the zones");
    is($r->{free_kb}, $r->{z_free}, "$name: Free pages is the sum of the zones");
    is($r->{highmem_kb}, $high ? $high->{free} : 0, "$name: ... and HighMem's share of them");
    is($r->{active} * 4, $r->{z_active}, "$name: Active x 4 is the sum of the zones");
    is($r->{inactive} * 4, $r->{z_inactive}, "$name: inactive x 4, too");
    is($r->{z_present}, $r->{ram} * 4, "$name: present is the RAM");
    is($r->{high} * 4, $high ? $high->{present} : 0, "$name: high memory");
    cmp_ok($r->{free}, '>', 0, "$name: free is not 0: free alone is no " . 'criterion');
    for my $z (@{ $r->{zones} }) {
        my $who = "$name, $z->{zone}";
        cmp_ok($z->{free}, '<=', $z->{min}, "$who: free <= min");
        ok($z->{min} < $z->{low} && $z->{low} < $z->{high}, "$who: min < low < high");
        is($z->{full}, $name =~ /^linux26/ ? 'yes' : '-',
            "$who: all_unreclaimable, if the policy has such a flag");
        cmp_ok($z->{scanned}, '>', ($z->{active} + $z->{inactive}) / 2,
            "$who: every page was scanned more than twice in vain");
    }
    is("@$r{qw(dirty writeback unstable)}", '0 0 0', "$name: dirty, writeback, unstable are 0");
    cmp_ok($r->{active} + $r->{inactive} + $r->{free} + $r->{slab}
            + $r->{pagetables} + $r->{reserved} + $r->{mlocked}, '<=', $r->{ram},
        "$name: the parts add up to no more than the RAM");
    cmp_ok($r->{del}, '<=', $r->{add}, "$name: swap cache: deleted <= added");
    cmp_ok($r->{found}, '<=', $r->{asked}, "$name: swap cache: found <= asked");
    my @s = @{ $r->{stamps} };
    is_deeply(\@s, [sort { $a <=> $b } @s], "$name: time stamps increase");
}

my $hog = '/tests/pressure private 40000';
my @strict = ('--timing', 'fast', '-v', '--set', 'vm.overcommit_memory=1');
for my $o (['--swap', '3M'], ['--swap', '0'], ['--swap', '3M', '--ram', '8M',
        '--ad', 'fault'], ['--swap', '3M', '--policy', 'twohand'])
{
    my ($status, $out, $err) = guest("$hog; dmesg", @strict, @$o);
    my @r = reports($err);
    is(scalar @r, 1, "@$o: one report") or diag($err);
    my $r = $r[0] or next;
    check_report($r, "@$o");
    is($r->{name}, 'pressure', "@$o: the victim's name");
    cmp_ok($r->{swap_kb}, '<', 64, "@$o: swap is full");
    cmp_ok($r->{mapped} * 4, '>', 0.8 * $r->{ram} * 4, "@$o: most frames are mapped");
    my @again = reports($out);
    is_deeply($again[0], $r, "@$o: dmesg has the same report");
}

# Every count in the report is the kernel's at that moment (002-14): the run stops where the report
# begins, and the script first asks the machine, which reads the frame table and the counters by
# itself. Before that, pages have been swapped out and in, or (@share) shells share pages.
my @share = '(while :; do sleep 1000; done) & ' x 6;
sub stopped_at_report {
    my ($work, $swap, @then) = @_;
    my $script = spew(tmp('report.ch'), join "\n",
        "# options: --ram 8M --swap $swap --policy linux26 --timing fast",
        'set vm.overcommit_memory 1', 'set vm.page-cluster 0',
        'expect "# " 60s', "send \"$work$hog > /dev/null\\n\"",
        'break oom_report', 'continue', 'delete', @then,
        'expect "Out of Memory: Killed process" 1s', 'expect "\n" 1s', '');
    my ($out, $err) = succeeds('the run stops where the report begins', clockhand('-x', $script));
    my @facts = map { json($_) } grep { /^\{/ } split /\n/, $out;
    my %fact = $out =~ /^fact (\w+) (\d+)\r?$/mg;
    return ((reports($out))[0], \%fact, @facts);
}
my @ask = map { "printf \"fact $_ %d\\n\", u64[$_]" }
    qw(nr_dirty nr_writeback slab_frames boot_frames mapped_anon mapped_files);
{
    my ($r, $own, $state, $count) = stopped_at_report(
        '/era/bin/hog 1.3x 1 > /dev/null; ', '4M', @ask, 'json info frames',
        'json info vm all');
    my @same = (
        [dirty => $own->{nr_dirty}], [writeback => $own->{nr_writeback}],
        [slab => $own->{slab_frames}], [reserved => $own->{boot_frames}],
        [mapped => $own->{mapped_anon} + $own->{mapped_files}],
        [pagetables => $state->{'page-table'}],
        [free => $state->{free}],
        [swap_cached => $state->{'swap-cache'}],
        [active => $count->{'vm.active'}], [inactive => $count->{'vm.inactive'}],
        [add => $count->{swap_cache_add}], [del => $count->{swap_cache_del}],
        [found => $count->{swap_cache_hit}], [asked => $count->{swap_cache_find}],
        [swap_kb => 4 * ($count->{'vm.swap_total'} - $count->{'vm.swap_used'})]);
    is($r->{ $_->[0] }, $_->[1], "$_->[0]: $_->[1], the machine's count") for @same;
    cmp_ok($r->{$_}, '>', 0, "... and $_ is not 0 here")
        for qw(slab reserved pagetables add del asked);
    cmp_ok($r->{z_scanned}, '>=', 4 * ($r->{active} + $r->{inactive}),
        'pages_scanned: reclaim looks at every page four times before it gives up');
}
# `pages shared` counts each page's users beyond the first. The script asks about every page.
{
    my ($r, $own, @page) = stopped_at_report("@share", '0', 'let p 0',
        'repeat 2048', 'json page let.p', 'let p let.p + 1', 'end');
    my $shared = 0;
    for (@page) {
        next if $_->{state} eq 'zeroed'; # the zero frame: 2.6 reserves it
        my $users = $_->{refs} + ($_->{state} =~ /^(?:file-|shared-memory)/);
        $shared += $users - 1 if $users > 1;
    }
    is(@page, 2048, 'every page was asked');
    cmp_ok($shared, '>', 20, 'shells share pages');
    is($r->{shared}, $shared, "pages shared: $shared, the machine's count");
}
# Some counts are 0 whenever memory runs out (dirty pages and writes, because the killer waits for
# them); others are nearly always the same. Where the report begins, the script FORGES these counts
# in the kernel's memory, each with another number, which the report must show.
{
    my @states = slurp('guest/abi/frame_states.def') =~ /^STATE\((\w+)/mg;
    my @counters = slurp('guest/abi/counters.def') =~ /^COUNTER\((\w+)/mg;
    my %at = ((map { $states[$_] => "state_frames + 8 * $_" } 0 .. $#states),
        map { $counters[$_] => "counters + 8 * $_" } 0 .. $#counters);
    my %forged = (dirty => 'nr_dirty', writeback => 'nr_writeback',
        slab => 'slab_frames', pagetables => $at{PGTABLE},
        swap_cached => $at{SWAPCACHE}, add => $at{SWPC_ADD},
        del => $at{SWPC_DEL}, found => $at{SWPCACHE_HIT}, asked => $at{SWPC_FIND},
        reserved => 'boot_frames');
    my ($n, %want) = 100;
    $want{$_} = $n++ for sort keys %forged;
    my ($r) = stopped_at_report('', '0',
        map { "set u64[$forged{$_}] = $want{$_}" } sort keys %forged);
    is($r->{$_}, $want{$_}, "$_ forged: the report shows it") for sort keys %forged;
}

my @twice = map { (guest($hog, @strict, '--swap', '3M'))[2] } 1, 2;
is($twice[0], $twice[1], 'the same run reports the same');

# linux26 has watermarks of 1 : 2 : 3, as in the slides. It kills no process before allocations have
# failed for a second, nor within five seconds of the last kill; clock's killer has no such rule.
{
    my (undef, undef, $err) = guest("$hog & $hog; wait", @strict, '--swap', '3M',
        '--policy', 'linux26');
    my @r = reports($err);
    is(scalar @r, 2, 'linux26: both hogs die') or diag($err);
    my $r = $r[0];
    check_report($r, 'linux26');
    is("@$r{qw(z_low z_high)}", join(' ', 2 * $r->{z_min}, 3 * $r->{z_min}),
        'linux26: min:low:high is 1:2:3');
    is(join(' ', map { $_->{zone} } @{ $r->{zones} }), 'Normal',
        'linux26: a machine without an ISA bus has one zone');
    my ($clock) = reports($twice[0]);
    my @at = map { $_->{stamps}[0] } $clock, @r;
    cmp_ok($at[1], '>', $at[0] + 1, 'linux26: no kill before a second of failures');
    cmp_ok($at[2], '>=', $at[1] + 5, 'linux26: no other kill for five seconds');
    cmp_ok($at[2], '<', $at[1] + 8, 'linux26: ... but soon after them');
}

# The slides' three zones (002-2, 002-14, 002-15): DMA and HighMem exist if the
# machine is started with them. The kernel takes no frame of HighMem; only the
# device tree, at the end of RAM, lay there before it ran.
{
    my (undef, undef, $err) = guest($hog, @strict, '--swap', '3M', '--policy',
        'linux26', '--append', 'zone.dma=4M highmem=4M');
    my ($r) = reports($err) or diag($err);
    check_report($r, 'linux26, three zones');
    my @z = @{ $r->{zones} };
    is(join(' ', map { "$_->{zone} $_->{present}" } @z),
        'DMA 4096 Normal 8192 HighMem 4096', 'three zones, from DMA up');
    is("@$_{qw(low high)}", join(' ', 2 * $_->{min}, 3 * $_->{min}),
        "$_->{zone}: min:low:high is 1:2:3") for @z;
    is($z[2]{min}, 128, 'HighMem: min is 128 kB, as in the slides');
    cmp_ok(abs($z[1]{min} - 2 * $z[0]{min}), '<=', 8,
        'DMA and Normal share min in proportion to their size');
    cmp_ok($z[2]{active} + $z[2]{inactive} + $z[2]{free}, '>', 4096 - 256,
        'HighMem: nothing but pages of programs and files');
}

# Free memory alone is no criterion (002-17): zone DMA keeps its frames for allocations
# that can use no other zone, and a program is killed with 14 MB free and no swap left.
{
    my (undef, undef, $err) = guest($hog, @strict, '--swap', '3M', '--policy',
        'linux26', '--ram', '32M', '--append', 'zone.dma=16M', '--set',
        'vm.lower_zone_protection=100');
    my ($r) = reports($err) or diag($err);
    my ($dma, $normal) = @{ $r->{zones} };
    cmp_ok($r->{free_kb}, '>', 13500, 'killed with 14 MB free');
    cmp_ok($r->{swap_kb}, '<', 64, '... and no swap left');
    cmp_ok($normal->{free}, '<=', $normal->{min}, '... zone Normal is at its min');
    is($r->{free} * 4, $dma->{free} + $normal->{free}, '... zone DMA has the rest');
    is($normal->{full}, 'yes', '... zone Normal is all_unreclaimable');
    is($r->{name}, 'pressure', '... and the program dies');
}

# A policy that never checks the use of a page has no active pages and scans
# none: vmstat's sr is "-", and so are these fields.
for my $policy (qw(fifo random)) {
    my (undef, undef, $err) = guest($hog, @strict, '--swap', '3M', '--policy', $policy);
    like($err, qr/^\[.*\] Active:- inactive:- dirty:0 writeback:0 unstable:0 free:\d+ /m,
        "$policy: no active pages");
    like($err, qr/ active:-kB inactive:-kB present:\d+kB pages_scanned:- all_unreclaimable\? -\r?$/m,
        "$policy: ... in the zone, and none scanned");
}

# Memory runs out while swap is left, because mlockall has locked the memory (002-18).
for my $policy (qw(clock twohand)) {
    my ($out, $err) = succeeds("$policy: lockers", guest('lockers 8 2200', '--timing', 'fast', '-v',
        '--policy', $policy));
    my @r = reports($err);
    check_report($r[0], "mlockall, $policy");
    cmp_ok($r[0]{swap_kb}, '>', 32000, "$policy: nearly all of swap is free");
    cmp_ok($r[0]{mlocked}, '>', 0.8 * $r[0]{ram}, "$policy: most frames are locked");
    is($r[0]{name}, 'locker', "$policy: a locker is killed");
}

# ---- the victim ----
my ($out) = qemu_run('lockers 8 2200; grep oom_kill /proc/vmstat');
like($out, qr/(?:^|\] )Out of Memory: Killed process \d+ \(locker\)\.$/m, 'under QEMU, too');

# Returns the victim's name. If $adj sets the hog's score to spare it, another dies.
sub spared {
    my ($adj, $formula) = @_;
    my (undef, undef, $err) = guest('idled -p 100000 3M & sleep 1; sh -c "'
            . ($adj ? "echo $adj; " : '') . "exec $hog\"", @strict,
        '--swap', '0', '--set', "vm.oom_formula=$formula");
    my ($r) = reports($err);
    return $r ? $r->{name} : $err;
}
is(spared('', 3), 'pressure', '6.12: the biggest process is killed');
is(spared('-1000 > /proc/self/oom_score_adj', 3), 'idled', '6.12: oom_score_adj -1000 spares it');
is(spared('-17 > /proc/self/oom_adj', 2), 'idled', '2.6: oom_adj -17 spares it');

# The report of 2.4 is one line. In 2.4.0 the larger process dies; in 2.4.0-test2, which
# has no OOM killer yet, the process dies whose allocation fails: the smaller.
for my $case (['linux24', 'Out of Memory: Killed process \d+ \(idled\)\.'],
    map { [$_, 'VM: killing process hog'] } qw(linux240t kpaged))
{
    my ($policy, $line) = @$case;
    my (undef, undef, $err) = guest('idled -p 100000 8M & sleep 1; hog 7M 0', @strict,
        '--swap', '0', '--policy', $policy);
    my @log = $err =~ /^\[ *\d+\.\d{6}\] (.*?)\r?$/mg;
    ok(@log == 1 && $log[0] =~ /^$line$/, "$policy: its own report, and its victim") or diag($err);
}

# ---- the files ----
($out) = qemu_script(<<'SH');
cd /proc/$$
s() { echo "$1" > $2 2>/dev/null || echo no; echo $(cat oom_score_adj oom_adj); }
s 500 oom_score_adj; s 15 oom_adj; s -17 oom_adj; s 1001 oom_score_adj
s -18 oom_adj; s x oom_score_adj; s 7x oom_adj
cat oom_score
s 100 oom_score_adj
sh -c 'cat /proc/$$/oom_score_adj; :'
su user -s /bin/sh -c 'echo 50 > /proc/self/oom_score_adj || echo less; echo 200 > /proc/self/oom_score_adj && echo more; :' 2>/dev/null
SH
is($out, join("\n", '500 8', '1000 15', '-1000 -17', ('no', '-1000 -17') x 4, 0,
        '100 1', 100, 'less', 'more', ''), 'oom_score_adj and oom_adj: one '
        . 'number; without root it may only be raised');
done_testing;
