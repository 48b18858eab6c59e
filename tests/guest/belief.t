#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# `info belief` counts how often a policy's belief about a page agreed with the page's
# later use. The test counts this itself, too. SOAK=1: under more policies.
use lib 'tests/lib';
use Clockhand;

# Regret. A hog that is larger than memory ends within a second on a fast disk, so every
# page read back is a victim used again within the longest horizon. The number of
# regretted victims must thus be the kernel's count of pages read from swap, plus the
# file pages that are read again after the first eviction of a file page.
my $soak = $ENV{SOAK};
for my $policy (qw(linux612 random), $soak ? qw(fifo clock kpaged arc) : ()) {
    my ($stats, $events) = (tmp('stats.json'), tmp('events.csv'));
    my ($out, $err) = succeeds($policy, clockhand('--policy', $policy, '--ram', '8M',
        '--disk-model', 'nvme', '--set', 'vm.page-cluster=0', '--stats',
        $stats, '--events', $events, '--run', 'hog 1.2x 0'));
    my $s = json(slurp($stats));
    my ($belief, $kernel) = @$s{qw(belief kernel)};
    my ($ten_ms, $tenth, $second) = @{ $belief->{horizons} };
    cmp_ok($s->{simulated_seconds}, '<', 1, 'the run ends within a second');
    cmp_ok($kernel->{pswpin}, '>', 1000, 'many pages are read back');
    my $since = slurp($events) =~ s/.*?,file-clean,free,reclaim,//sr;
    my $again = () = $since =~ /,free,file-clean,(?:page-in|file-read),/g;
    is($second->{regretted}, $kernel->{pswpin} + $again,
        "every page read back counts as a regretted victim; $again are pages of files");
    cmp_ok($ten_ms->{regretted}, '<', $tenth->{regretted}, 'fewer within the nearest horizon');
    # On this disk nearly all victims come back within a tenth of a second; but random
    # also evicts some pages whose next use is late.
    my $within = $tenth->{regretted} / $second->{regretted};
    cmp_ok($within, '>', .8, 'most within a tenth of a second');
    cmp_ok($within, '<', .95, '... not all') if $policy eq 'random';
    cmp_ok($belief->{victims}, '<', 4 * 2048, 'memory turns over less than four times');
    is($belief->{turned}[2], $second->{regretted}, '... so all came back before that');
    # A page that was mapped again while it was being written stayed: the kernel counts it when it is given to
    # the disk, and again when it goes.
    my ($kept, %writing) = 0;
    for (events($events)) {
        $writing{ $_->{pfn} } = $_->{reason} eq 'swap-add' if $_->{reason} =~ /^swap-(?:add|out)$/;
        $kept += !!$writing{ $_->{pfn} } if $_->{reason} eq 'swap-map';
    }
    is($belief->{victims} + $kept, $kernel->{pgsteal_kswapd} + $kernel->{pgsteal_direct},
        'all stolen pages count as victims');
}

# Turns of memory. FIFO evicts each page before the program comes round to it again. Between the eviction of a
# page and its next use FIFO evicts as many other pages as memory cannot hold: 1.5 times the memory if the program
# needs 2.5 times, a fifth of the memory if it needs 1.2 times.
for my $case ([ '2.5x', 0, .05, .9 ], [ '1.2x', .9, 1, .9 ]) {
    my ($size, $least, $most, $two) = @$case;
    my $stats = tmp('stats.json');
    clockhand(qw(--policy fifo --ram 8M --timing fast --set vm.page-cluster=0 --stats), $stats, '--run', "hog $size 0");
    my $s = json(slurp($stats));
    my ($once, $twice, $four) = map { $_ / $s->{kernel}{pswpin} } @{ $s->{belief}{turned} };
    ok($once >= $least && $once <= $most + .1, "$size: $once of the pages came back within one turn");
    cmp_ok($twice, '>', $two, "... $twice within two");
    cmp_ok($four - $twice, '<', .01, '... and hardly any later');
}

# A page on a free list is a victim, too, even while it can still be found there again.
{
    my $stats = tmp('stats.json');
    clockhand('--policy', 'linux24', '--ram', '8M', '--disk-model', 'nvme',
        '--set', 'vm.page-cluster=0', '--stats', $stats, '--run', 'hog 1.2x 0');
    my $s = json(slurp($stats));
    cmp_ok($s->{simulated_seconds}, '<', 1, 'linux24 ends within a second');
    cmp_ok($s->{belief}{horizons}[2]{regretted}, '>=', $s->{kernel}{pswpin},
        'pages that are read back are regretted, and so are pages found again');
}

# Belief. info belief looks at all pages at fixed intervals. The script asks about every frame at two
# looks in a row; the sums of its answers must be what info belief adds. Between the looks no page leaves memory.
my $frames = 2048;
my $ask = join('', map { "json page $_\n" } 0 .. $frames - 1);
my $asked = "stepi 2\njson print cycle\njson info belief\n$ask";
my $file = spew(tmp('look.ch'), <<"CH");
expect "# " 10s
send "hog 1.2x 0; while :; do while read l; do :; done </etc/passwd; done\\n"
expect "read all back" 20s
run-until cycle >= 300000000
${asked}run-until cycle >= 400000000
${asked}
CH

# Returns the few members of a page's JSON that the test needs: JSON::PP would take
# several seconds for ten thousand pages.
sub page {
    my ($line) = @_;
    my ($state, $marks, $age, $used) = $line =~
        /^\{"pfn":.*?"state":"([^"]*)".*?"marks":\[([^]]*)\].*?"age_cycles":(\d+).*?"used":(true|false)/
        or die "not a page: $line";
    return { state => $state, marks => [ $marks =~ /"([^"]*)"/g ], age_cycles => $age,
        used => $used eq 'true' };
}

sub believed {
    my ($f, $hot) = @_;
    my %is = map { $_ => 1 } @{ $f->{marks} };
    return undef unless $f->{state} =~ /^(anonymous|cow-shared|file-clean
        |file-dirty|swap-cache|shared-memory)$/x && !$is{cached};
    return $is{$hot} ? 'hot' : 'cold';
}

for ([ clock => 'referenced' ], $soak ? [ linux612 => 'active' ] : ()) {
    my ($policy, $hot) = @$_;
    my ($out, $err) = succeeds("$policy, asked frame by frame",
        clockhand('--policy', $policy, '--ram', '8M', '--disk-model', 'nvme',
        '--clock', '1000000000', '-x', $file));
    my @line = map { /^\{"pfn"/ ? page($_) : json($_) } grep { /^\{/ } split /\n/, $out;
    my (undef, $before, @then) = splice @line, 0, $frames + 2;
    my ($now, $after, @later) = @line;
    my ($first, $next) = map { $_->{horizons}[1] } $before, $after;
    is($next->{looks}, $first->{looks} + 1, 'one more look');
    my $since = int($now->{value} / 1e8) * 1e8 - 1e8;
    my %n = map { $_ => 0 } qw(cold cold_used hot hot_idle);
    for my $pfn (0 .. $frames - 1) {
        my $belief = believed($then[$pfn], $hot) // next;
        my $f = $later[$pfn];
        my $used = $f->{used} && $now->{value} - $f->{age_cycles} >= $since;
        $n{$belief}++;
        $n{cold_used}++ if $belief eq 'cold' && $used;
        $n{hot_idle}++ if $belief eq 'hot' && !$used;
    }
    for (sort keys %n) {
        is($next->{$_} - $first->{$_}, $n{$_}, "$_: $n{$_}");
    }
}
# Tests info belief during reclaim, when the hand has cleared the kernel's marks and programs have set
# A bits. Pages leave memory now, so the script asks about every frame right after the first look.
spew($file, <<"CH");
expect "# " 10s
send "hog 1.2x 0\\n"
run-until cycle >= 60000000
${asked}run-until cycle >= 70000000
stepi 2
json info belief
CH
{
    my ($out, $err) = succeeds('clock at work',
        clockhand('--policy', 'clock', '--ram', '8M', '--disk-model', 'nvme',
        '--clock', '1000000000', '-x', $file));
    my (undef, $first, @then) = map { /^\{"pfn"/ ? page($_) : json($_) }
        grep { /^\{/ } split /\n/, $out;
    my $next = pop @then;
    my %n = (hot => 0, cold => 0);
    $n{ believed($_, 'referenced') // 'none' }++ for @then;
    is($next->{horizons}[0]{looks}, $first->{horizons}[0]{looks} + 1, 'one more look');
    is($next->{horizons}[0]{$_} - $first->{horizons}[0]{$_}, $n{$_}, "$_: $n{$_}") for qw(hot cold);
}

# While the machine sleeps, info belief takes no looks, whatever number of commands the
# sleep is divided into.
my @idle;
for my $pieces (1, 200) {
    my $ms = 2000 / $pieces;
    spew($file, join "\n", 'expect "# " 10s', 'run-for 100ms', ("run-for ${ms}ms") x $pieces,
        'send "\n"', 'expect "# " 10s', 'json info belief', '');
    my ($status, $out, $err) = clockhand('--ram', '8M', '-x', $file);
    is("$status$err", '0', "two seconds of sleep, in pieces: $pieces");
    push @idle, (grep { /^\{/ } split /\n/, $out)[0];
}
is($idle[1], $idle[0], 'the same looks, whole and in pieces');
cmp_ok(json($idle[0])->{horizons}[0]{looks}, '<', 100, '... and none while the machine sleeps');

# When the machine goes back, asleep or awake, info belief answers as it did at that
# time; when it goes forward again, info belief counts as if it had never gone back.
# After a load the counts begin at 0.
sub beliefs {
    my ($options, @lines) = @_;
    my ($status, $out, $err) = clockhand(qw(--ram 8M --timing fast --disk-model nvme),
        @$options, '-x',
        spew(tmp('past.ch'), join "\n", map({ (/^(?:run|goto|load)/ ? ($_, 'json info belief') : $_) } @lines), ''));
    is("$status$err", '0', "a script of ${\scalar @lines} lines");
    return map { json($_) } grep { /"horizons"/ } split /\n/, $out;
}
my @work = ('expect "# " 60s', 'send "hog 1.5x 0; sleep .4; hog 1.5x 0\n"');
my @ms = (270, 400, 617, 750, 888);
my @straight = beliefs([], @work, map { "run-until cycle >= ${_}ms" } @ms);
my @order = (4, 1, 3, 2, 0, 1, 2, 3, 4);
my @there = beliefs([], @work, map { my $v = $_ == 4 ? 'run-until cycle >=' : 'goto'; "$v $ms[$_]ms" } @order);
is_deeply($there[$_], $straight[ $order[$_] ], "at $ms[$order[$_]] ms, going back and forward") for 0 .. $#order;
cmp_ok($straight[1]{victims}, '<', $straight[4]{victims}, 'pages are evicted between 400 and 888 ms');
my $kept = tmp('belief.sav');
my ($before, $since, $on) = beliefs([], @work, 'run-until cycle >= 400ms', "save $kept", "load $kept", 'run-for 300ms');
my (undef, $fresh) = beliefs([ '--load', $kept ], 'run-for 0', 'run-for 300ms');
is("$since->{victims} " . ($since->{since} >= 4e8), '0 1', 'a loaded machine: counted from the load') or diag(explain($since));
is_deeply($on, $fresh, '... as in a fresh process');
done_testing();
