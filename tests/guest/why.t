#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# All numbers come from one table. `why COUNTER` counts the events that raise the counter; a one-to-one
# counter grows by their number. `explain WORD` says what a column is and is not (003-18). SysRq-M has
# the format of document 004 (004-11). SOAK=1: the parts about counters run under all policies.
use lib 'tests/lib';
use Clockhand;
use Pty;

# Returns the first words of each row of a table: an identifier, then one or two strings.
sub slurp_def {
    my ($file, $row) = @_;
    my @rows;
    my $text = slurp("guest/abi/$file");
    push @rows, [ $1, $2, $3 ] while $text =~
        /^$row\((\w+),\s*"([^"]*)"(?:,\s*"([^"]*)")?/mg;
    return @rows;
}
my @counters = slurp_def('counters.def', 'COUNTER');
cmp_ok(@counters, '>', 70, 'counters.def was understood');

# ---- events and counters agree, counter by counter ----
# This part runs under one policy; with SOAK=1, under all.
my @policies = $ENV{SOAK}
    ? (clockhand('--policy', 'list'))[1] =~ /^(\w+)/mg
    : 'solaris8';
my @work = ('true', '/era/bin/hog 16M 0', '/era/bin/forktree',
    'dd if=/dev/urandom of=/root/x bs=64k count=20; sync; rm /root/x; sync',
    'cp -r /era /root/e; ls -lR /bin >/dev/null; sync',
    'dd if=/dev/urandom of=/dev/shm/x bs=64k count=120; rm /dev/shm/x');
my @lines = 'expect "# " 60s';
for my $n (0 .. $#work) {
    # (pswpin counts pages when their read ends, which may be after the prompt.)
    push @lines, "send \"$work[$n]; echo -n do; echo ne\\n\"",
        'expect "done" 1200s', 'expect "# " 1s', 'run-for 100ms', "echo step $n",
        map { "json why $_->[1]" } @counters;
}
my $script = spew(tmp('why.ch'), join "\n", @lines, '');
my ($status, $out, $err, %last);
for my $policy (@policies) {
    ($out) = succeeds("$policy: the work was done", clockhand(qw(--ram 16M --swap 64M --timing fast),
        '--policy', $policy, '-x', $script));
    my (%moved, @differ, @exact);
    %last = ();
    for my $line (grep { /^\{"word":"\w+","kind":"counter"/ } split /\n/, $out) {
        my $j = json($line);
        my $name = $j->{counter};
        my $is_exact = length $j->{events} && $j->{one_to_one};
        push @exact, $name if $is_exact && !$last{$name};
        if (my $l = $last{$name}) {
            my ($v, $e) = ($j->{value} - $l->{value}, ($j->{total} // 0) - ($l->{total} // 0));
            $moved{$name} += $v;
            push @differ, "$name: $v, events: $e" if $is_exact && $v != $e;
        }
        $last{$name} = $j;
    }
    is("@differ", '', "$policy: a one-to-one counter rises by one for each of its events, and else never");
    cmp_ok(@exact, '>=', 25, "$policy: at least 25 counters are one-to-one");
    my @busy = grep { $moved{$_} } @exact;
    cmp_ok(@busy, '>=', 15, "$policy: ... and many of these counters moved") or diag("@busy");
}
# ---- under every policy each counter is accounted for ----
# A counter's value must be its value at the first event since the reset, plus the number of its
# events; else the answer must say what else raises it. If only some of these events raise a
# counter, it must rise by at most their number.
my @each = map { "json why $_->[1]" } @counters;
$script = spew(tmp('all.ch'), join "\n", 'catch boot', 'continue', 'delete', @each,
    'expect "# " 60s', 'send "(hog 1.2x 0; forktree; cp -r /era /root/e; rm -r /root/e; sync;'
    . ' dd if=/dev/zero of=/root/x bs=64k count=40; ls -lR /etc) >/dev/null; echo rea\'\'dy\n"',
    'expect "ready" 900s', 'expect "# " 1s', @each, '');
for my $policy ($ENV{SOAK} ? (clockhand('--policy', 'list'))[1] =~ /^(\w+)/mg
    : qw(clock linux612 linux24 mach97))
{
    ($status, $out, $err) = clockhand(qw(--ram 8M --swap 64M --timing fast --disk-model nvme),
        '--policy', $policy, '-x', $script);
    is($status, 0, "$policy: the work was done") or diag($err);
    my (%first, @wrong);
    for my $j (map { json($_) } grep { /^\{"word":"\w+","kind":"counter"/ } split /\n/, $out) {
        my ($name, $total) = @$j{qw(counter total)};
        $first{$name} //= $j->{value}, next if !exists $first{$name};
        my $more = $j->{value} - $first{$name} - ($total // next);
        push @wrong, "$name $j->{value}, $first{$name} at first, events $total"
            if ($j->{one_to_one} ? $more : $more > 0) && !length($j->{besides} // '')
            or ($j->{before_events} // 0) != $first{$name} || ($j->{more} // $more) != $more;
    }
    is("@wrong", '', "$policy: all counters are accounted for");
}

for my $name (qw(pgfault pgmajfault pswpin pswpout pgalloc cow_copied)) {
    my $by = $last{$name}{processes};
    ok(@$by && $by->[0]{events} > 0, "$name: why counts the events of each process");
    is(scalar @{ $last{$name}{latest} }, 20, "$name: why lists the latest 20 events");
}
# why names the function that raises a counter in the kernel's source.
like($last{pgfault}{raised}, qr{^count_served in kernel/vm/fault\.c$},
    'why names the function that raises pgfault');
for my $name (sort keys %last) {
    my $file = $last{$name}{raised} =~ m{in (kernel/\S+?)(?:,|$)} ? $1 : next;
    my ($id) = map { $_->[0] } grep { $_->[1] eq $name } @counters;
    like(slurp("guest/$file"), qr/\b(?:COUNT(?:_ADD)?\(|policy_count_event\(C_)$id\b/,
        "$name is raised in $file");
}

# ---- explain, why a column ----
my @columns = slurp_def('outputs.def', 'COLUMN');
my @outputs = slurp_def('outputs.def', 'OUTPUT');
my %command = map { $_->[0] => $_->[2] } @outputs;
my %system = map { $_->[0] => $_->[1] } @outputs;
my @words = map { my ($c) = $command{ $_->[0] } =~ /^(\S+)/;
    "$system{$_->[0]}.$c.$_->[1]" } @columns;
$script = spew(tmp('explain.ch'), join "\n", 'expect "# " 60s',
    (map { ("json explain $_", "json why $_") } @words),
    'json explain vmstat.free', 'explain vmstat.re', 'why vmstat.sr',
    'explain pgrec', 'explain clock.handspread', 'explain cow-shared',
    'explain sunos', 'explain reclaim', '');
($out) = succeeds('explain and why know every column', clockhand('-x', $script));
my @j = map { json($_) } grep { /^\{/ } split /\n/, $out;
is(@j, 2 * @words + 1, 'an answer for each');
for my $n (0 .. $#words) {
    my ($e, $w) = @j[ 2 * $n, 2 * $n + 1 ];
    my ($column) = $words[$n] =~ /^\w+\.(.*)/;
    my @same = grep { $_ eq $words[$n] } @words;
    is_deeply([ $e->{kind}, lc $e->{word}, $w->{column} ],
        [ 'column', lc $e->{word}, $e->{word} ], $words[$n])
        if @same == 1;
}
is(@{ $j[-1]{others} }, 2, 'vmstat -p and another system have a column free, too');
like($out, qr/^\{"word":"vmstat\.free".*"moved_by":\[\{"counter":"pgalloc"/m,
    'why of a level: the counters that move it');
for ([ 'explain vmstat.re', "vmstat.re (solaris's vmstat; a second): pages "
        . 'taken back from the free or cache list before the frame was used '
        . 'for anything else',
        '  but: not reads from disk: each reclaim saved one', '  from pgrec',
        'pgrec (counter): 0 frames: pages taken back before their frames were used for '
            . 'anything else', '  raised by leave_cache_list in kernel/vm/policy.c',
        '  policy clock has no "reclaim" (frees pages with their identity, so '
            . 'that they can be taken back): the outputs print "-"' ],
    [ 'why vmstat.sr', '  from pgscan_kswapd+pgscan_direct', 'pgscan_kswapd (counter): 0 frames: '
        . 'frames that a hand of the pageout daemon passed and could take' ]) {
    my ($name, @text) = @$_;
    isnt(index($out, join "\n", @text), -1, $name);
}
like($out, qr/^pgrec .*\n.*\n.*\n.*\n  shown in vmstat\.re \(solaris\)/m,
    'a counter names its columns');
like($out, qr/^\Q$_\E \(/m, "explain $_") for qw(clock.handspread cow-shared sunos reclaim);
like((clockhand('--policy', 'sunos', '-x', spew(tmp('mark.ch'),
                "expect \"# \" 60s\nexplain lotsfree\n")))[1],
    qr/^lotsfree \(mark\): 128 now; .* of policy sunos/m, 'a policy\'s mark');

# ---- the manual pages (003-18) ----
my $raised = spew(tmp('raised.def'),
    scalar qx(tools/mkraised guest/kernel/*/*.c guest/kernel/*/*/*.c));
for my $program (qw(vmstat sar)) {
    my $page = qx(tools/mkmanout $program guest/abi $raised);
    is($?, 0, "$program(8)");
    my %of = map { $_->[0] => 1 } grep { $_->[2] =~ /^$program\b/ } @outputs;
    my @mine = map { $_->[1] } grep { $of{ $_->[0] } } @columns;
    is_deeply([ map { s/\\-/-/gr } $page =~ /^\.TP\n\.B (.*)$/mg ], \@mine,
        "$program(8): every column");
}
like(scalar qx(tools/mkmanout vmstat guest/abi $raised),
    qr/^\.B pgrec\n.*raised by leave_cache_list in kernel.vm.policy\.c/m,
    '... and the function that raises its counter');

# ---- SysRq-M ----
my $n = qr/(?:\d+|-)/;
my $four = qr/^Swap\ cache:\ add\ ($n)\ \[($n)-($n)\],\ del\ ($n),
    \ find\ ($n)\/($n)\ \[($n)\]\ ($n)%
    \nkswapd:\ total\ ($n)\ overload\ ($n)\ out\ of\ sync\ ($n)
    \nkswapd:\ wakeup\ ($n)\ \[g\ ($n)\ y\ ($n)\ o\ ($n)\ r\ ($n)\]
    \ free\ ($n)\ io\ ($n)
    \nkswapd:\ aged\ pages\ ($n)\ dirty\ pages\ ($n)$/mx;
$script = spew(tmp('sysrq.ch'), <<'END');
expect "# " 60s
send "/era/bin/hog 17M 0\n"
run-for 1500ms
sysrq m
json sysrq m
expect "# " 90s
sysrq m
END
for my $policy (qw(clock kpaged)) {
    ($out) = succeeds("$policy: sysrq m, while it swaps and afterwards",
        clockhand(qw(--swap 64M --timing fast), '--policy', $policy, '-x', $script));
    $out =~ s/\r//g;
    my @reports = split /SysRq: Show Memory\n/, $out;
    is(@reports, 4, 'three reports');
    my ($letters) = map { json($_) } grep { /^\{/ } split /\n/, $out;
    my %was;
    for my $r (@reports[ 1 .. 3 ]) {
        my %v;
        ok(@v{ 'A' .. 'T' } = $r =~ $four, 'four lines in their exact shape');
        ok($v{B} + $v{C} <= $v{A} && $v{D} <= $v{A} && $v{G} <= $v{E}
                && $v{E} <= $v{F}
                && $v{H} == int(100 * $v{E} / ($v{F} || 1)),
            'the invariants hold (004-13)') or diag($r);
        if ($policy eq 'kpaged') {
            is((grep { !/^\d+$/ } values %v), 0, 'every letter a number');
            ok($v{C} <= $v{I}, 'C <= I (004-13)') or diag($r);
        } else {
            is_deeply([ @v{qw(I J K M N O P Q R S T)} ], [ ('-') x 11 ],
                'clock has no kswapd, no kpaged');
        }
        cmp_ok($v{A}, '>=', $was{A} // 1, 'A does not shrink');
        %was = %v;
        show_mem($r);
    }
    is($letters->{A} > 0 && $letters->{F} >= $letters->{E}, 1, 'json sysrq m: the letters');
}

# Checks the lines of the report that $four does not match.
sub show_mem {
    my $r = shift;
    my ($free) = $r =~ /^Free pages: +(\d+)kB \( +0kB HighMem\)$/m;
    my ($pages) = $r =~ /^\( Free: (\d+), lru_cache: \d+ \(\d+ \d+ \d+\) \)$/m;
    my ($blocks, $sum) = $r =~ /^  Normal: ((?:\d+\*\d+kB )+)= (\d+)kB\)$/m;
    is($pages * 4, $free, 'free memory in pages and in kB');
    my $all = 0;
    $all += $1 * $2 while $blocks =~ /(\d+)\*(\d+)kB/g;
    is_deeply([ $all, $sum ], [ $free, $free ], 'the blocks add up to the free frames');
    is_deeply([ grep { $r !~ /^$_/m } '4096 pages of RAM', 'Free swap: +\d+kB',
            '0 pages of HIGHMEM', '\d+ reserved pages', '\d+ pages shared',
            '\d+ pages swap cached', 'Buffer memory: +\d+kB' ], [],
        'the rest of show_mem');
}

# On the console, Ctrl-A b (BREAK) and then m print the report, and the m does not reach the
# program; without BREAK, m is typed as usual.
my $pty = Pty->start(24, 80, build() . '/clockhand', '--pace', 'max');
ok($pty->expect(qr/# \z/, 60), 'a prompt');
$pty->send("echo is m here\n");
ok($pty->expect(qr/^is m here\n# \z/m, 20), 'an m is typed as usual');
$pty->send("echo ready; cat\n");
ok($pty->expect(qr/^ready\n/m, 20), 'cat has the terminal');
$pty->send("\001bm");
like($pty->expect(qr/kswapd: aged pages .*\n/, 20) // $pty->seen, $four, 'Ctrl-A b, m: the report');
$pty->send("end\n");
my $rest = $pty->expect(qr/^end\nend\n/m, 20);
ok($rest, 'cat on the console goes on') or diag($pty->seen);
unlike($rest // '', qr/^m/m, '... and has read no m');
$pty->send("\001bx");
ok($pty->expect(qr/SysRq: HELP : showMem\n/, 20), 'other keys show help');
$pty->send("\001x");
is($pty->finish(20), 0, 'Ctrl-A x ends clockhand');

# ---- other ways to ask for the report ----
($status, $out, $err) = guest('echo m > /proc/sysrq-trigger; '
        . 'echo h > /proc/sysrq-trigger; echo -n "" > /proc/sysrq-trigger',
    '-v');
$err =~ s{\r}{}g;
like($err, $four, '/proc/sysrq-trigger prints the same report');
like($err, qr/^SysRq: HELP : showMem$/m, 'other letters show help');
refuses([], ['sysrq', qr/a key.* is missing/], ['sysrq mm', qr/mm: one key/],
    ['sysrq m m', qr/unexpected 'm'/]);

# Under every policy a wake-up of the daemon (L of SysRq-M) is counted only if the daemon
# slept, and only once.
for my $policy (qw(kpaged mach97 sunos), $ENV{SOAK} ? qw(linux240t linux24 bsd43) : ()) {
    ($out) = succeeds("hog under $policy", guest('/era/bin/hog 7M 1 > /dev/null; cat '
            . '/proc/counters', '--policy', $policy, qw(--ram 8M --timing fast)));
    my %c = $out =~ /^(\w+) (\d+)$/mg;
    cmp_ok($c{pageoutrun}, '>', 0, "$policy: its daemon was woken");
    cmp_ok($c{pageoutrun}, '<=', $c{ctxt} / 2, '... after it had slept');
    cmp_ok($c{pageoutrun}, '<=', $c{kswapd_free}, '... and scanned each time') if $c{kswapd_free};
}
done_testing();
