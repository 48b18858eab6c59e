#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests SunOS and Solaris (document 003): the inode cache in its two forms, the content
# of the buffer cache, the page scanner, write-behind, and 4.3BSD's swapper. SOAK=1 adds the
# two long scripts for the document's letter (its small form is below), six programs that thrash, and
# a maxslp too long for any process to be swapped out; and it runs some tests in cycle timing.
use lib 'tests/lib';
use Clockhand;

my @fast = $ENV{SOAK} ? () : qw(--timing fast);

# say WORD prints, between the steps of a script, "WORD name value" lines of
# /proc/counters and the ext2 line of inode-caches.
my $say = <<'SH';
say() { read -r x < /proc/sys/fs/inode-nr; while read -r t e a i b s m; do [ $t = ext2 ] && echo "$1 existing $e active $a idle $i blank $b size $s most $m"; done < /proc/sys/fs/inode-caches; while read -r n v; do case $n in iget|ufs_*|inode_ovf|inodes|inode_max|pgpgin|bread) echo "$1 $n $v";; esac; done < /proc/counters; }
SH

# Runs a script; returns the values as {WORD}{NAME}, and the output.
sub run_guest {
    my ($script, @options) = @_;
    my ($status, $out, $err) = guest($say . $script, '--timing', 'fast', @options);
    is($status, 0, 'the guest ends with status 0') or diag($out, $err);
    my %result;
    for my $line (split /\n/, $out) {
        my ($word, @pairs) = split ' ', $line;
        next if !@pairs || @pairs % 2;
        my %pairs = @pairs;
        $result{$word}{$_} = $pairs{$_} for keys %pairs;
    }
    return (\%result, $out);
}
sub cache { return map { ('--set', "ufs.$_") } @_ }

# ---- the inode cache up to Solaris 2.3 (003-9) ----
my $files = 'cd /root; i=1; while [ $i -le 60 ]; do echo $i > f$i; i=$((i+1)); done;';
my ($r, $out) = run_guest(<<"SH", cache('icache=0', 'ufs_ninode=40', 'ncsize=10'));
$files sync; say made
rm f1; say removed; echo again > f1; say again
i=31; while [ \$i -le 60 ]; do read x < f\$i; i=\$((i+1)); done; say read
i=56; while [ \$i -le 60 ]; do read x < f\$i; i=\$((i+1)); done; say near
read x < f2; say far
i=2; while [ \$i -le 60 ]; do sleep 100 < f\$i & i=\$((i+1)); done; sleep 0.1; say open
kill \$(jobs -p); wait; say closed
i=2; while [ \$i -le 60 ]; do read x < f\$i; [ \$x = \$i ] || echo wrong; i=\$((i+1)); done
echo 1 > /proc/audit; echo audited \$?; rm f*
SH
is($r->{made}{size}, 40, '2.3: ufs_ninode is the limit');
is($r->{made}{existing}, 40, 'the cache reaches ufs_ninode and does not exceed it');
is($r->{made}{inode_ovf}, 0, 'no overflow while no more than ufs_ninode are in use');
is($r->{removed}{blank}, 1, 'the inode of a removed file is free at once');
is($r->{again}{blank}, 0, '... and is the next to be used');
is($r->{again}{idle}, $r->{removed}{idle}, '... though others have been idle for longer');
is($r->{near}{iget}, $r->{read}{iget}, 'the inodes that became idle last are still there');
cmp_ok($r->{far}{iget}, '>', $r->{near}{iget}, 'an inode that has been idle for long is not there');
cmp_ok($r->{open}{active}, '>', 60, 'more inodes than the limit can be in use');
cmp_ok($r->{open}{existing}, '>', 60, '... and exist');
cmp_ok($r->{open}{inode_ovf}, '>', 15, '... counted as overflows of sar -v');
cmp_ok($r->{closed}{existing}, '<=', 40, 'idle inodes beyond the limit are discarded');
cmp_ok($r->{closed}{ufs_ipage}, '>', 40, '... with their pages');
is($r->{closed}{ufs_scavenged}, 0, 'there is no scavenger');
unlike($out, qr/wrong/, 'dirty pages were written before they were freed');
like($out, qr/^audited 0$/m, 'the lists agree');

# ---- the inode cache from Solaris 2.4 on (003-10) ----
($r, $out) = run_guest(<<"SH", cache('icache=1', 'ufs_ninode=40', 'ncsize=10'));
$files sync; sleep 0.5; say made
find /bin /sbin /usr > /dev/null; sleep 0.1; find / -xdev > /dev/null; sleep 0.1; say found
i=1; while [ \$i -le 60 ]; do sleep 100 < f\$i & i=\$((i+1)); done; sleep 0.1; say open
kill \$(jobs -p); wait; sleep 0.5; say closed
i=1; while [ \$i -le 60 ]; do read x < f\$i; [ \$x = \$i ] || echo wrong; i=\$((i+1)); done
echo 1 > /proc/audit; echo audited \$?; rm f*
SH
cmp_ok($r->{found}{existing}, '>', 40, '2.4: more inodes exist than ufs_ninode');
for my $when (qw(found closed)) {
    cmp_ok($r->{$when}{idle}, '<=', 40, "$when: at most ufs_ninode are idle");
    cmp_ok($r->{$when}{idle}, '>=', 30, "$when: ... and at least 75% of ufs_ninode");
    cmp_ok($r->{$when}{most}, '<=', 40, "$when: ... and at no moment more than ufs_ninode");
}
cmp_ok($r->{found}{ufs_scavenged}, '>', 100, 'a thread discards the idle inodes beyond the limit');
cmp_ok($r->{made}{blank} + $r->{found}{blank} + $r->{closed}{blank}, '>', 0,
    '... and keeps blank inodes for the next file');
cmp_ok($r->{open}{active}, '>', 60, 'the number in use is not limited');
unlike($out, qr/wrong/, 'nothing was lost');
like($out, qr/^audited 0$/m, 'the lists agree');

# ---- too small a cache shows as ufs_ipf (003-7, 003-8) ----
for my $case ([20, 1], [200, 0]) {
    my ($size, $flushed) = @$case;
    for my $rules (0, 1) {
        my $events = tmp('events');
        ($r) = run_guest(<<"SH", cache("icache=$rules", "ufs_ninode=$size", 'ncsize=10'), '--events', $events);
$files sync; echo 3 > /proc/sys/vm/drop_caches; cat f* > /dev/null; say first
cat f* > /dev/null; say second; rm f*
SH
        my $name = "rules $rules, $size inodes, 60 files";
        my ($a, $b) = @$r{qw(first second)};
        my $pages = $b->{ufs_ipage} - $a->{ufs_ipage};
        my $read = $b->{pgpgin} - $a->{pgpgin};
        my $freed = grep { $_->{reason} eq 'inode-reuse' && $_->{to} eq 'free' } events($events);
        if ($flushed) {
            cmp_ok($pages, '>', 40, "$name: reused while they had pages");
            cmp_ok($read, '>', 4 * 40, "$name: so the pages are read again");
            cmp_ok($freed, '>', 80, "$name: each page has an event with the reason");
        } else {
            is($pages, 0, "$name: \%ufs_ipf is zero");
            is($read, 0, "$name: the second time nothing is read");
            is($freed, 0, "$name: no page is freed");
        }
    }
}

# ---- each kind of file system has a cache of its own (003-19) ----
(undef, $out) = guest('echo x > /tmp/a; cat /proc/sys/fs/inode-caches');
for my $type (qw(ext2 tmpfs devtmpfs proc)) {
    like($out, qr/^$type \d+ [1-9]/m, "$type has a cache");
}

# ---- the buffer cache holds metadata only (003-11) ----
($r, $out) = run_guest(<<'SH');
echo 3 > /proc/sys/vm/drop_caches; say before
grep -E 'Buffers|^Cached' /proc/meminfo; cat /bin/busybox > /dev/null; say after
grep -E 'Buffers|^Cached' /proc/meminfo
SH
my ($buf0, $buf1) = $out =~ /^Buffers:\s+(\d+)/mg;
my ($cached0, $cached1) = $out =~ /^Cached:\s+(\d+)/mg;
cmp_ok($cached1 - $cached0, '>', 500, 'half a megabyte of a file was read');
cmp_ok($buf1 - $buf0, '<', 64, 'its pages are not in the buffer cache');
cmp_ok($r->{after}{bread} - $r->{before}{bread}, '<', 12,
    'the buffer cache reads inodes and indirect blocks');

# ---- the scenarios: each script asserts its claims and prints these lines ----
my %story = (
    'inode-cache' => [qr{73/40|\d\d/40 }, qr/ 100\.00\r?$/m],
    'fsflush' => [qr/^  autoup 60 .* holds$/m, qr/^  Solaris 10's form, .* holds$/m],
    'page-life' => [map { qr/^  $_\. .* holds$/m } 1 .. 13],
    $ENV{SOAK} ? (
        'sunos-memory' => [qr/^  swap before; after .* holds$/m,
            qr/^  a leak, by contrast: .* holds$/m],
        'solaris8-memory' => [qr/cache-reuse \(fault\)/]) : (),
);
for my $name (sort keys %story) {
    my ($text, $err) = succeeds("$name.ch holds", clockhand('-x', "tools/experiments/$name.ch",
        @fast));
    like($text, $_, "$name.ch prints its lines") for @{ $story{$name} };
}

# ---- document 003's letter in small: free memory comes back, or not (003-2 ... 5) ----
my $letter = <<'SH';
f() { while read -r n v; do case $n in freemem|pgscan_kswapd|pgmajfault|pgpgin) echo "$1 $n $v";; esac; done < /proc/counters; }
seqread -c 2M /root/a 1 > /dev/null; sync; echo 3 > /proc/sys/vm/drop_caches; app -a 64K /etc/passwd > /dev/null
f before; app -a 1M /root/a; f after; app -a 1M /root/a; f again
SH
for my $case (['sunos', 480, 620], ['solaris8', -20, 40]) {
    my ($policy, $least, $most) = @$case;
    my ($status, $text, $err) = guest($letter, '--policy', $policy, @fast);
    my %v;
    $v{$1}{$2} = $3 while $text =~ /^(\w+) (\w+) (\d+)$/mg;
    my $short = $v{before}{freemem} - $v{after}{freemem};
    cmp_ok($short, '>', $least, "$policy: more than $least frames are missing after the program");
    cmp_ok($short, '<', $most, "$policy: ... and fewer than $most");
    is($v{again}{pgmajfault}, $v{after}{pgmajfault},
        "$policy: the second launch waits for no disk");
    is($v{again}{pgpgin}, $v{after}{pgpgin}, "$policy: ... and reads nothing");
    is($v{again}{pgscan_kswapd}, 0, "$policy: nothing was scanned");
}

# ---- everything modified is written within autoup and a tick (E11) ----
{
    my $events = tmp('events');
    # Each file has one page. Ten other pages lie between two files, so the files are all over memory.
    my $write = 'i=0; while [ $i -lt 100 ]; do echo $i > /root/x$i; '
        . 'dd if=/dev/zero bs=4k count=10 >> /dev/shm/pad 2>/dev/null; sleep 0.2; '
        . 'i=$((i+1)); done; sleep 16';
    my ($status) = guest($write, '--policy', 'sunos', '--set', 'sunos.autoup=10',
        '--set', 'sunos.tune_t_fsflushr=2', '--ram', '8M', @fast, '--events', $events);
    my (%dirty, @late, $written, $soon, %at);
    for my $e (events($events)) {
        my $f = $e->{pfn};
        $dirty{$f} = $e->{cycle}
            if $e->{to} eq 'file-dirty' && $e->{from} ne 'file-dirty';
        next if $e->{from} ne 'file-dirty' || $e->{to} eq 'file-dirty';
        my $age = ($e->{cycle} - delete $dirty{$f}) / 1e9;
        $written++ if $e->{reason} eq 'write-back';
        # fsflush takes frames in physical order, a fifth of the 2048 each two seconds.
        $at{ int($e->{pfn} / 410) }{ int($e->{cycle} / 2e9) % 5 }++
            if $e->{reason} eq 'write-back' && $e->{cycle} % 2e9 < 1e9;
        $soon++ if $age < 5;
        push @late, $age if $age > 10 + 2 + 0.1;
    }
    is($status, 0, 'files are written');
    cmp_ok($written, '>', 30, '... and flushed');
    cmp_ok($soon, '<', $written * 0.8, '... not at once');
    is_deeply(\@late, [], '... but within autoup and one tick');
    cmp_ok(keys %at, '>=', 4, 'pages all over memory');
    my ($in_turn, $all) = (0, 0);
    for my $part (sort keys %at) {
        my $n = $at{$part};
        $in_turn += $n->{$part} // 0;
        $all += $_ for values %$n;
        is((sort { $n->{$b} <=> $n->{$a} } keys %$n)[0], $part,
            "fifth $part is written in its turn, in physical order");
    }
    cmp_ok($in_turn, '>', .9 * $all, "$in_turn of $all in their turn") or diag(explain(\%at));
}

# ---- a page's grace between the hands is their distance divided by the scanner's speed ----
{
    my %ms;
    for my $rate (400, 1600) {
        my $events = tmp('events');
        succeeds("$rate pages a second", guest('idled -p 100000 3M & hog 6M 1 > /dev/null; kill %1',
            qw(--policy sunos --ram 8M --swap 32M --timing fast), '--events', $events,
            map { ('--set', "sunos.$_") } "slowscan=$rate", "fastscan=$rate", 'handspreadpages=512'));
        my (%front, @grace);
        for my $e (events($events)) {
            my $f = $e->{pfn};
            $front{$f} = $e->{cycle} if $e->{reason} eq 'ref-cleared';
            push @grace, ($e->{cycle} - delete $front{$f}) / 1e6
                if $e->{reason} =~ /^(?:push-queued|scan-spared)$/ && $front{$f};
        }
        cmp_ok(@grace, '>', 300, 'pages that both hands have passed');
        # Takes the lower quartile, because between the two hands the scanner may also
        # pause, as long as free memory is above lotsfree.
        $ms{$rate} = int((sort { $a <=> $b } @grace)[ @grace / 4 ]);
    }
    my $foreseen = 512 / 400 * 1000;
    ok(abs($ms{400} - $foreseen) <= 250 && abs($ms{1600} - $foreseen / 4) <= 250,
        "512 frames at 400 and 1600 a second: $ms{400}, $ms{1600} ms");
}

# ---- schedpaging: a process that waits for memory drives the scan to fastscan;
# UFS frees behind a sequential reader, which then need not wait ----
{
    my %is;
    for my $case ([ waits => 'ufs.freebehind=0' ], [ behind => 'ufs.freebehind=1' ]) {
        my ($name, $set) = @$case;
        my $events = tmp('events');
        my ($out, $err) = succeeds("$set: a file of 14 MiB in 8", guest('seqread -c 14M /root/big 1; '
                . 'grep ^pgscan_kswapd /proc/counters; rm /root/big',
            qw(--policy sunos --ram 8M --swap 32M --timing fast --set), $set, '--events', $events));
        @{ $is{$name} }{qw(speed scanned)} =
            ($out =~ /, (\d+) KiB\/s/, $out =~ /^pgscan_kswapd (\d+)$/m);
        $is{$name}{freed} = grep { $_->{reason} eq 'free-behind' } events($events);
    }
    # fastscan is 1024 frames a second (half of all), 4096 KiB/s. If free memory alone set
    # the scan rate, the reader would get 2854 KiB/s, and 1400 without a wake-up below minfree.
    cmp_ok($is{waits}{speed}, '>', 3200, "needfree: $is{waits}{speed} KiB/s of fastscan's 4096");
    cmp_ok($is{waits}{speed}, '<', 4300, '... and hardly above it');
    is($is{waits}{freed}, 0, 'freebehind=0: nothing is freed behind');
    cmp_ok($is{behind}{speed}, '>', 4 * $is{waits}{speed}, "free-behind: $is{behind}{speed} KiB/s");
    cmp_ok($is{behind}{freed}, '>', 1000, "$is{behind}{freed} pages freed behind the reader");
    cmp_ok($is{behind}{scanned} * 2, '<', $is{waits}{scanned},
        "$is{behind}{scanned} frames scanned with free-behind, $is{waits}{scanned} without");
}

# ---- below minfree page_create wakes the scanner at once, not at the next
# quarter of a second ----
{
    my $events = tmp('events');
    succeeds('a program that takes more memory than there is', guest('sleep 0.1; hog 9M 0 > /dev/null',
        qw(--policy sunos --ram 8M --swap 32M --timing fast), '--events', $events));
    my @looks = map { $_->{cycle} / 1e6 }
        grep { $_->{reason} =~ /^(?:ref-cleared|cached|push-queued)$/ } events($events);
    my $since = $looks[0] % 250; # ms since the last beat of the quarter-second clock
    ok($since > 20 && $since < 230, "minfree: the first look is $since ms after a beat");
    my $in_it = grep { $_ - $looks[0] < 240 - $since } @looks;
    cmp_ok($in_it, '<=', 100 / 4, "... $in_it frames are looked at before the next beat: slowscan's rate");
    cmp_ok(scalar(grep { $_ - $looks[0] < 260 - $since } @looks), '>', 240,
        '... then fastscan / 4, since a program waits');
}

# ---- sched: a process that sleeps during a long shortage of memory is swapped
# out, and vmstat's w and de are numbers ----
for my $case ([ 20, 1 ], $ENV{SOAK} ? [ 3600, 0 ] : ()) {
    my ($maxslp, $goes) = @$case;
    my ($status, $out, $err) = guest('idled -p 90000 2M & sleep 18; (hog 40M 0 > /dev/null) & '
            . '/era/solaris/bin/vmstat 3 13; kill %1; /era/solaris/bin/vmstat 1 30; wait; '
            . 'grep -E "^(swapin|swapout|procs_swapped) " /proc/counters; echo 1 > /proc/audit && echo sound',
        qw(--policy sunos --ram 8M --swap 64M --timing fast --set), "sunos.maxslp=$maxslp");
    is($status, 0, "maxslp=$maxslp: a shortage of half a minute") or diag($err);
    my @rows = map { [split] } grep { /^ +\d+ +\d+ +\d+ +\d/ } split /\n/, $out;
    is(@rows, 43, 'w is a number in each line, and so is de');
    my @w = map { $_->[2] } @rows;
    my @de = map { $_->[10] } @rows;
    my %v = $out =~ /^(\w+) (\d+)$/mg;
    if ($goes) {
        is("@w[0 .. 3]", '0 0 0 0', 'no process is swapped out in the first 10 s of the shortage');
        cmp_ok($w[12], '>=', 1, 'a process that has slept for 20 s is swapped out');
        cmp_ok($v{swapin}, '>=', 1, '... and comes in when it wakes');
        # `de`, in KB: a process that has been out for maxslp / 2 is promised half of its pages, but
        # never more than half of lotsfree's 128 frames. Each second takes off maxpgio / 2, 20 frames.
        # idled, whose pages are more than a small program's, gets the largest promise.
        my ($at) = sort { $de[$b] <=> $de[$a] } 0 .. $#de;
        cmp_ok($de[$at], '<=', $w[$at - 1] * 4 * 128 / 2,
            "de: half of the pages, at most half of lotsfree, for each of $w[$at - 1] coming in");
        cmp_ok($de[$at], '>', 4 * 20, '... and more than 20 frames');
        is($de[$at + 1], $de[$at] - 4 * 40 / 2, "... less 20 frames a second later (@de)");
        is((grep { $_ } @de[0 .. 11]), 0, '... and nothing is promised before');
    } else {
        is_deeply([ $v{swapout}, grep { $_ } @w, @de ], [0], 'no process has slept so long: none is swapped out');
    }
    like($out, qr/KiB checked, 0 pages wrong$/m, 'the pages of idled are unchanged');
    like($out, qr/^sound$/m, 'the audit holds');
}

# ---- UFS's write-behind writes full klusters at once, and holds writers at ufs_HW ----
{
    my %took;
    for my $writes (1, 0) {
        my $events = tmp('events');
        my ($status, $out) = guest('grep -E "^(pgout|ppgout|dirty_throttled) " /proc/counters; echo ==; '
                . 'read a x < /proc/uptime; seqread -c 6M /root/f 1 | grep -c wrong; read b x < /proc/uptime; echo $a $b; '
                . 'grep -E "^(pgout|ppgout|dirty_throttled) " /proc/counters; sync; seqread -k /root/f 1',
            qw(--policy sunos --ram 24M --timing fast --set), "ufs.ufs_WRITES=$writes", '--events', $events);
        is($status, 0, "ufs_WRITES=$writes: a file of 6 MiB is written") or diag($out);
        my ($before, $after) = map { +{ /^(\w+) (\d+)$/mg } } split /==/, $out;
        my ($a, $b) = $out =~ /^([\d.]+) ([\d.]+)$/m;
        $took{$writes} = $b - $a;
        my %d = map { $_ => $after->{$_} - $before->{$_} } keys %$after;
        # $most: the most pages that were, at one time, newer than the disk or being written.
        my ($now, $most) = (0, 0);
        for my $e (events($events)) {
            next if $e->{to} ne 'file-dirty' && $e->{from} ne 'file-dirty' || $e->{from} eq $e->{to};
            $now += $e->{to} eq 'file-dirty' ? 1 : -1;
            $most = $now if $now > $most;
        }
        if ($writes) {
            cmp_ok($d{dirty_throttled}, '>', 3, 'the writer is held');
            cmp_ok($most, '<', 96 + 14 + 14 + 20, "... at 384 KiB and a kluster ($most pages)");
            cmp_ok($d{ppgout}, '>=', 1536 - 96 - 14,
                'most of the file is on the disk when the writer ends');
            ok($d{ppgout} / $d{pgout} > 12 && $d{ppgout} / $d{pgout} <= 14,
                "... in klusters of 14 pages ($d{ppgout} in $d{pgout})");
        } else {
            cmp_ok($most, '>', 300, "a writer not held is far ahead of the disk ($most pages)");
        }
    }
    cmp_ok($took{1}, '>', 1.5 * $took{0}, "the writer takes $took{1} s if held to the disk's speed, else $took{0} s");
}

# ---- priority paging: above lotsfree only pages of files are evicted ----
{
    my $file = spew(tmp('priority.ch'), <<'CH');
# options: --policy sunos --ram 8M --swap 16M --set sunos.priority_paging=1 --set ufs.freebehind=0 --timing fast
expect "# " 60s
send "seqread -c 5M /root/a 1 > /dev/null; sync; echo 3 > /proc/sys/vm/drop_caches; idled -p 100000 2500K & sleep 1; echo rea''dy\n"
expect "ready" 60s
tcatch cached if vm.free + vm.cachelist > vm.lotsfree
send "seqread -k /root/a 1; echo do''ne\n"
continue
assert vm.free + vm.cachelist <= vm.cachefree
assert vm.cachefree == 2 * vm.lotsfree
catch push-queued if vm.free + vm.cachelist >= vm.lotsfree
expect "done" 60s
CH
    my ($status, $text, $err) = clockhand('-x', $file);
    is($status, 0, 'priority paging: no program lost a page above lotsfree') or diag($err);
}

# ---- 4.3BSD's swapper lets four programs that do not fit take turns in memory ----
{
    my ($text, $err) = succeeds('bsd43: programs that do not fit', guest('for i in 1 2 3 4; do '
        . '/tests/pressure private 3200 & done; wait; '
        . 'echo 1 > /proc/audit && echo sound; '
        . 'grep -E "^(swapin|swapout|pgswapout|procs_swapped) " /proc/counters',
        '--policy', 'bsd43', '--ram', '8M', '--swap', '64M', '--timing', 'fast'));
    is(scalar(() = $text =~ /^pressure: private: 800 pages, 0 errors$/mg), 4,
        '... end, and every word is right') or diag($text);
    my %v = $text =~ /^(\w+) (\d+)$/mg;
    cmp_ok($v{swapout}, '>', 3, 'whole processes were taken out');
    cmp_ok($v{swapin}, '>=', $v{swapout} - 4, '... and brought back');
    cmp_ok($v{pgswapout}, '>', 100, '... with their pages');
    is($v{procs_swapped}, 0, 'no process is left swapped out');
    like($text, qr/^sound$/m, 'the audit holds');
}

# ---- bsd43's swapper must see that six processes thrash: frames that programs
# leave to the kernel must not count as free, or the mean of free frames stays above desfree (001-25) ----
if ($ENV{SOAK}) {
    my ($status, $text, $err) = guest('thrash -n 6-6 -s 120', qw(--policy bsd43),
        qw(--ram 8M --swap 64M --timing fast --disk-model), 'cheetah9lp,nobuffer',
        qw(--set vm.page-cluster=0 --clock 100000000));
    my ($share) = $text =~ /^ *6(?: +\S+){4} +([\d.]+)/m;
    cmp_ok($share // 0, '>', .4, 'six of which four fit: the swapper sees thrashing, and ends it')
        or diag($err, $text);
}

# ---- a copy on write that waits for its second frame must keep the page that it copies, or
# each retry would take that page from the cache list, as if it were free memory, and never wait ----
{
    my ($status, $text, $err) = guest('/era/bin/hog 9M 1 > /dev/null & '
        . '/era/solaris/bin/vmstat 1 3; kill %1; echo on', '--policy', 'solaris8',
        qw(--ram 8M --timing fast --max-instructions 2000000000));
    is($status, 0, 'one frame left and two wanted: the fault waits') or diag($err);
    like($text, qr/^( +\d+ +\d+ .*\n){3}on$/m, '... and is served');
}
done_testing;
