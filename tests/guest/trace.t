#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# --trace writes a Perfetto trace, here of a guest that is short of memory; --counters writes levels and counters as
# CSV. By Perfetto's published definitions the trace is sound; it is complete however the run ends. The figures in
# both files are those of --events and --stats. Writing the files changes nothing in the machine.
use lib 'tests/lib';
use Clockhand;
use PerfettoTrace;

my ($file, $csv, $counters, $json) = map { tmp($_) } qw(t.pftrace t.csv c.csv t.json);
# The run ends when the disks are idle; at the end of --run they may still be busy.
my $work = spew(tmp('t.ch'), <<'CH');
expect "# " 60s
send "/tests/pressure private 4864; /tests/wanted shared 60 6000; ls /bin >/dev/null; echo e''nd\n"
expect "end" 600s
run-for 200ms
CH
my @machine = ('--ram', '8M', '--hash', '--clock', 500_000_000, '-x', $work);
my ($status, $out, $err) = clockhand(@machine, '--trace', $file, '--events', $csv,
    '--counters', $counters, '--stats', $json);
is($status, 0, 'a run with --trace') or diag($err);
my (undef, undef, $without) = clockhand(@machine);
my ($hash) = $err =~ /^(hash \w+)$/m;
is($hash, $without =~ /^(hash \w+)$/m ? $1 : 'none', '... has the hash of a run without');

my $t = PerfettoTrace->read(slurp($file));
is_deeply($t->{wrong}, [], 'no field is unknown, no time runs backwards, all slices end');
my @events = @{ $t->{events} };
my $stats = json(slurp($json));
sub ns { return 2 * $_[0] } # cycles to ns, at 500 MHz

# ---- the kernel's events ----
my @rows = events($csv);
my @told = grep { $_->{type} == 3 && $_->{category} ne 'mark' } @events;
is(scalar @told, scalar @rows, 'an instant for each row of --events');
my ($bad, $i) = (0, 0);
for my $r (@rows) {
    my $e = $told[$i++];
    my $pid = $t->{tracks}{ $e->{track} }{pid} // 0;
    my $same = $e->{ns} == ns($r->{cycle}) && $e->{name} eq $r->{reason}
        && $e->{actor} eq $r->{actor} && $pid == $r->{pid}
        && ($e->{pfn} // '') eq $r->{pfn} && ($e->{from} // '') eq $r->{from}
        && ($e->{to} // '') eq $r->{to};
    $bad++ || diag(explain($r, $e)) if !$same;
}
is($bad, 0, '... with its time, pid, frame, states, reason, actor');

# ---- faults ----
my %n;
$n{ $_->{name} }++ for @told;
is($n{'fault-minor'} + $n{'fault-major'}, $stats->{kernel}{pgfault},
    'as many faults as pgfault counts');
is($n{'fault-major'}, $stats->{kernel}{pgmajfault},
    '... as many major faults as pgmajfault counts');
my @faults = grep { $_->{name} eq 'page fault' } @{ $t->{slices} };
my @served = grep { grep { $_->{name} =~ /^fault-/ } @{ $_->{inside} } } @faults;
is((grep { (grep { $_->{name} =~ /^fault-/ } @{ $_->{inside} }) > 1 } @faults), 0,
    'no slice of a fault holds two faults');
is((grep { my ($e) = grep { $_->{name} =~ /^fault-/ } @{ $_->{inside} }; $_->{end} <= $e->{ns} }
        @served), 0, '... and each ends later than its fault\'s event');
my ($outside) = map { $_ - @served } $n{'fault-minor'} + $n{'fault-major'} + ($n{'fault-illegal'} // 0);
note(@faults . " slices, $outside faults of system calls, of " . @told . ' events');
cmp_ok(@served, '>', 20 * $outside, 'nearly every fault comes with a trap, and has its slice');
my @of_disk = grep { grep { $_->{name} eq 'fault-major' } @{ $_->{inside} } } @served;
my @quick = grep { !grep { $_->{name} eq 'fault-major' } @{ $_->{inside} } } @served;
sub median { return (sort { $a <=> $b } map { $_->{end} - $_->{ns} } @_)[ @_ / 2 ] }
cmp_ok(median(@of_disk), '>', 10 * median(@quick),
    'the median fault that waits for the disk lasts more than ten times as long as the median other fault');
cmp_ok(median(@quick), '>', 500, 'the median other fault takes more than half a microsecond');
cmp_ok(median(@quick), '<', 100_000, '... and less than 100 microseconds');

# ---- disks, and the flow of a page ----
my @requests = grep { ($_->{category} // '') eq 'disk' } @{ $t->{slices} };
for my $d (0 .. $#{ $stats->{disks} }) {
    my $name = 'vd' . chr(ord('a') + $d);
    my $top = $t->track($name);
    for my $what ('read', 'write') {
        my @of = grep { $_->{name} eq $what && $t->{tracks}{ $_->{track} }{parent} == $top }
            grep { $top } @requests;
        is(scalar @of, $stats->{disks}[$d]{"${what}s"}, "$name: ${what}s");
        my $bytes = 0;
        $bytes += $_->{bytes} for @of;
        is($bytes, $stats->{disks}[$d]{"${what}_bytes"}, '... and their bytes');
    }
}
my %request_of;
for my $r (@requests) { push @{ $request_of{$_} }, $r for @{ $r->{flows} } }
my %asked;
for my $e (grep { $_->{name} =~ /^(swap-in|swap-ahead|page-in|read-ahead|file-read)$/ } @told) {
    $asked{$_} = $e for @{ $e->{flows} };
}
my ($joined, $torn, %waited) = (0, 0);
for my $f (@of_disk) {
    my ($major) = grep { $_->{name} eq 'fault-major' } @{ $f->{inside} };
    for my $id (@{ $major->{ends} }) {
        my $asked = $asked{$id};
        my ($r) = @{ $request_of{$id} // [] };
        $joined++;
        # A store to a page that is being written to swap waits for that, once.
        my $written = $r && $r->{name} eq 'write' && !$waited{$id}++;
        $torn++ if !$r || $r->{end} > $major->{ns}
            || !$written && (!$asked || $asked->{ns} > $r->{ns} || $r->{name} ne 'read');
    }
}
cmp_ok($joined, '>', .99 * @of_disk, 'flows join faults to the reads for which they waited');
is($torn, 0, '... in order: the event that asks, the read, the end of the fault');
my %swapped;
for my $e (@told) {
    $swapped{$_} = $e for grep { $e->{name} eq 'swap-add' } @{ $e->{flows} };
}
my @out = grep { $_->{name} eq 'swap-out' } @told;
is((grep { my $id = $_->{ends}[0]; !$id || !$swapped{$id} || $swapped{$id}{pfn} != $_->{pfn}
        || !grep { $_->{name} eq 'write' } @{ $request_of{$id} // [] } } @out), 0,
    'swap-add, the write and swap-out of each page are joined, also if the page was mapped again');
cmp_ok(scalar @out, '>', 100, '... and there are many');

# ---- levels, counters ----
my @differ = grep {
    my $track = $t->track($_, 'counters');
    !$track || $t->{tracks}{$track}{value} != $stats->{kernel}{$_}
} keys %{ $stats->{kernel} };
is_deeply(\@differ, [], 'the last values of all counters are those of --stats');
my $free = $t->track('free', 'memory');
my @free = grep { $_->{type} == 4 && $_->{track} == $free } @events;
cmp_ok(scalar @free, '>', 50, 'the track of free memory has more than 50 values');
cmp_ok((sort { $a <=> $b } map { $_->{value} } @free)[0], '<', 200, '... down to less than 200 frames');
ok(defined $t->{tracks}{ $t->track($_, 'memory') // 0 }{value}, "... a value of $_")
    for 'low', 'swap used', 'file-dirty', 'anonymous';
my $queue = $t->track('requests', 'vdb');
is($t->{tracks}{$queue}{value}, 0, 'no request is left in the queue');

# ---- --counters: the levels and counters as CSV ----
my ($names, @lines) = map { [split /,/, $_, -1] } split /\n/, slurp($counters);
is((grep { @$_ != @$names } @lines), 0, '--counters: every row has a field for each column');
my %column = map { $names->[$_] => $_ } 0 .. $#$names;
is(scalar keys %column, scalar @$names, '... in which no two columns have the same name');
my $period = 5_000_000; # 10 ms at 500 MHz
is((grep { my ($a, $b) = ($lines[$_ - 1][0], $lines[$_][0]);
        int($b / $period) != int($a / $period) + 1 || $b % $period > 10_000 } 1 .. $#lines - 1), 0,
    '... one row each 10 ms, at the first instruction that begins then');
is($lines[-1][0], $stats->{cycles}, '... and one row at the end');
is_deeply([grep { $lines[-1][ $column{$_} ] != $stats->{kernel}{$_} } keys %{ $stats->{kernel} }],
    [], '... with the counters of --stats');
my ($frames) = map { my $r = $_; my $sum = 0;
    $sum += $r->[ $column{$_} ] for grep { !/low|high|min|swap_used/ } grep { /^vm\./ } @$names;
    $sum } $lines[-1];
is($frames, 2048, '... the frames of all states are 8 MiB');
my @level = map { $_->[ $column{'vm.free'} ] } @lines;
my %traced = map { $_->{ns} => $_->{value} } @free;
my ($now, $unlike, @times) = (undef, 0, sort { $a <=> $b } keys %traced);
for my $row (@lines) {
    $now = $traced{ shift @times } while @times && $times[0] <= ns($row->[0]);
    $unlike++ if $now != $row->[ $column{'vm.free'} ];
}
is($unlike, 0, '... free memory as in the trace');
my (undef, undef, undef) = clockhand(@machine, '--counters', tmp('again.csv'));
is(slurp(tmp('again.csv')), slurp($counters), '... the same in another run');
($status, undef, $err) = guest('true', '--counters', $counters, '--counters-every', '0');
is("$status $err", "2 clockhand: --counters-every: '0' is not a time (such as 10ms)\n",
    'a period of 0 is refused');

# While the hart sleeps, time may advance by up to 25.6 ms at once; the machine must still stop for each row.
my $idle_script = spew(tmp('idle.ch'), qq(expect "# " 60s\nrun-for 500ms\n));
($status, undef, $err) = clockhand('-x', $idle_script, '--counters', $counters, '--counters-every', '5ms');
is($status, 0, 'a guest at rest, with counters') or diag($err);
my @at = map { /^(\d+),/ } split /\n/, slurp($counters);
pop @at; # the row at the end of the run
is_deeply([ map { int $_ / 5e6 } @at ], [ 1 .. @at ], '... a row for each multiple of the period, none missing');
is_deeply([ grep { $_ % 5e6 >= 1000 } @at ], [], '... at the first instruction from there on');
is_deeply([ grep { $_ % 5e6 } @at[ -90 .. -1 ] ], [], '... and, at rest, exactly at the multiple');
cmp_ok(scalar @at, '>=', 100, '... to the end');

# ---- turns ----
my @turns = grep { ($_->{category} // '') eq 'turn' } @{ $t->{slices} };
my $gaps = grep { $turns[$_]{ns} != $turns[$_ - 1]{end} } 1 .. $#turns;
is($gaps, 0, 'at any time a process or idle has the hart');
is($turns[-1]{end}, $events[-1]{ns}, '... to the end');
is($turns[-1]{end}, ns($stats->{cycles}), '... which is the end in --stats');
ok((grep { $_->{name} =~ /^pressure \(\d+\)/ } @turns), '... among them the program');
my $idle = 0;
$idle += $_->{end} - $_->{ns} for grep { $_->{name} eq 'idle' } @turns;
my $slept = $stats->{cycles_by}{idle} * 2;
cmp_ok($idle, '>', .9 * $slept, '... and idle for more than 90% of the time for which the hart sleeps');

# ---- marks; going back ----
succeeds('a machine that goes back', clockhand('--trace', $file, '-x', spew(tmp('m.ch'), join "\n",
    'run-for 60ms', 'mark first', 'save ' . tmp('saved'), 'run-for 20ms', 'mark second',
    'load ' . tmp('saved'), 'run-for 15ms', 'mark again', 'run-for 10ms', 'mark third',
    'goto -5ms', 'reverse-stepi 3', 'goto third', 'run-for 5ms', 'mark fourth', '')));
$t = PerfettoTrace->read(slurp($file));
is_deeply($t->{wrong}, [], '... has a sound trace');
is_deeply([map { $_->{name} } grep { ($_->{category} // '') eq 'mark' } @{ $t->{events} }],
    ['first', 'second', 'third', 'fourth'], '... with each mark once, and none set while the past was repeated');

# ---- one run, one file ----
my $short = 'ls /bin >/dev/null';
sub traced { guest($short, '--trace', $file, '--counters', $counters, @_); return slurp($file) . slurp($counters) }
my $first = traced('--record', tmp('log'));
ok(length $first > 100_000, 'trace and counters of a short run: over 100,000 bytes');
ok(traced('--engine', $_) eq $first, "... the same bytes by $_") for 'interp', 'jit';
ok(traced('--replay', tmp('log')) eq $first, '... replayed');
sub cut { clockhand('--max-sim-time', '60ms', '--trace', $file, '-x',
        spew(tmp('c.ch'), join "\n", @_, '')); return slurp($file) }
ok(cut('run-for 80ms') eq cut('run-for 37ms', 'stepi 2000', ('run-for 1ms') x 12, 'run-for 30ms'),
    'the trace is the same however the run is cut');

# ---- ends ----
my $bare = compile_bare('bare.S', ".global _start\n.text\n_start: la t0, tohost\n"
    . "li t1, 1\nsd t1, 0(t0)\n1: j 1b\n.data\n.align 6\n.global tohost\ntohost: .dword 0\n");
succeeds('a bare program', clockhand('--trace', $file, $bare));
is_deeply(PerfettoTrace->read(slurp($file))->{wrong}, [], '... has a sound trace, too');
my $pid = fork // die;
if (!$pid) {
    open STDOUT, '>', tmp('on') or die;
    $SIG{INT} = 'DEFAULT'; # a test in the background may ignore it
    exec build() . '/clockhand', '--run', 'echo on; while :; do ls / >/dev/null; done',
        '--trace', $file or die;
}
for (1 .. 600) { last if -s tmp('on'); select undef, undef, undef, .1 }
kill 'INT', $pid;
waitpid $pid, 0;
$t = PerfettoTrace->read(slurp($file));
is_deeply($t->{wrong}, [], 'Ctrl-C: the trace is whole');
cmp_ok($t->{packets}, '>', 1000, '... and has more than 1000 packets');
done_testing();
