#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Events of an unmodified Linux, seen by probes at its functions (emu/linux),
# judged by its own numbers: in Debian's kernel linux_events.c makes faults of
# every kind, goes to swap and back, writes files and starves, and reads
# /proc/vmstat between these. The events between two readings must come to what
# the kernel counted between them. The machine comes to the same hash with the
# probes and without.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;
use Debian;

debian_images();
$ENV{TEST_TIMEOUT} = 3000;

my $root = root_with('tests/machine/linux_events.c');
my ($swap, $saved, $csv) = map { tmp($_) } qw(swap.img booted events.csv);
truncate spew($swap, ''), 48 << 20 or die;
my @machine = (boot_arguments("$root,overlay"), '--timing', 'fast', '--drive',
    "$swap,overlay");

# ---- one boot -----------------------------------------------------------------

my $boot = qq(expect "$PROMPT" 120s\n);
$boot .= qq(send "$_\\n"\nexpect "$PROMPT" 60s\n)
    for 'mkswap /dev/vdb', 'swapon /dev/vdb';
my ($status, $out, $err) = clockhand(@machine, '-x',
    spew(tmp('boot.ch'), "${boot}save $saved\nquit 0\n"));
is($status, 0, 'Debian is there') or diag($out, $err), done_testing, exit;

# ---- the same run, with probes and without --------------------------------------

# The console's bytes are the same, so the machine's way is.
sub run_typed {
    my ($status, $out, $err) = run_command(
        "/root/linux_events; poweroff -f\n", build() . '/clockhand', @machine,
        '--load', $saved, '--hash', @_);
    is($status, 0, "it runs @_") or diag(substr($out, -2000), $err);
    return ($out =~ s/\r//gr, $err =~ /^hash ([0-9a-f]+)$/m);
}
my ($said, $hash) = run_typed('--events', $csv);
my (undef, $unseen) = run_typed();
is($hash, $unseen, 'the same hash with probes and without');

# The kernel's numbers at each mark; events up to each, by reason.
my (@name, @vmstat, @tally);
while ($said =~ /MARK (\w+)\n(.*?)END\n/gs) {
    my ($name, $text, %n) = ($1, $2);
    $n{$1} = $2 while $text =~ /^(\w+) (\d+)$/mg;
    push @name,   $name;
    push @vmstat, \%n;
}
is("@name", 'warm begin forks swaps files starves', 'all parts ran');

my ($marker, %n);
for (split /\n/, slurp($csv)) {
    my (undef, $pid, undef, undef, undef, $reason) = split /,/;
    $n{$reason}++;
    next if $reason ne 'fault-illegal' || $pid != ($marker //= $pid);
    push @tally, {%n};
    %n = ();
}
is(scalar @tally, scalar @name, 'a refused fault at each mark');

for my $i (1 .. $#name) {
    my ($now, $before, $n) = ($vmstat[$i], $vmstat[ $i - 1 ], $tally[$i]);
    my $rose = sub {
        my $sum = 0;
        $sum += $now->{$_} - $before->{$_} for @_;
        return $sum;
    };
    my $told = sub {
        my $sum = 0;
        $sum += $n->{$_} // 0 for @_;
        return $sum;
    };
    my @same = (
        [ 'pgreuse',                'cow-reuse' ],
        [ 'pswpout',                'swap-out' ],
        [ 'swap_ra',                'swap-ahead' ],
        [ 'pgsteal_anon pgsteal_file', 'reclaim' ],
        [ 'oom_kill',               'oom' ],
    );
    # Not where a process is killed: its fault is asked for and not served, its
    # write-back begun and not counted yet.
    push @same, [ 'pgmajfault', 'fault-major' ],
        [ 'pgfault', 'fault-minor fault-major fault-illegal' ],
        [ 'workingset_refault_anon', 'swap-in swap-ahead' ],
        [ 'nr_written', 'swap-out write-back' ]
        if $name[$i] ne 'starves';
    for (@same) {
        my ($theirs, $ours) = @$_;
        is($told->(split ' ', $ours), $rose->(split ' ', $theirs),
            "$name[$i]: $ours are $theirs");
    }
    # 6.12 reads pages of zeros from a bitmap, and counts no pswpin.
    cmp_ok($told->('swap-in', 'swap-ahead'), '>=', $rose->('pswpin'),
        "$name[$i]: pswpin was told");
    my $decided = $told->(qw(reclaim activate ref-cleared push-queued swap-keep
        mlock));
    cmp_ok($decided, '<=', $rose->('pgscan_anon', 'pgscan_file'),
        "$name[$i]: only what was scanned was decided");
}

# What the program did, page by page.
my ($forks, $swaps, $files, $starves) = @tally[ 2 .. 5 ];
is($forks->{'zero-map'}, 32, '32 pages were read first');
cmp_ok($forks->{'cow-copy'}, '>=', 64, 'the child copied 64 pages');
cmp_ok($forks->{'cow-reuse'}, '>=', 64, 'which are the parent\'s own then');
cmp_ok($forks->{'demand-zero'}, '>=', 96, '96 pages were written first');
cmp_ok($swaps->{'demand-zero'}, '>=', 10240, 'and 10240');
cmp_ok($swaps->{$_} // 0, '>', 0, "swaps: $_")
    for qw(swap-add swap-out swap-in swap-ahead swap-map reclaim push-queued
    ref-cleared activate);
cmp_ok($files->{'write-back'}, '>=', 64, '64 pages of a file were written');
is($starves->{oom}, 1, 'one process was killed');

# ---- asked at the prompt --------------------------------------------------------

($status, $out, $err) = clockhand(@machine, '--load', $saved, '-x',
    spew(tmp('ask.ch'), <<'END'));
run-for 5ms
info lens
send "/root/linux_events\n"
catch cow-copy
continue
info events 3
why event.pfn
quit 0
END
is($status, 0, 'catch, info events, why') or diag($out, $err);
like($out, qr/seen by probes at its functions/, 'info lens says how');
unlike($out, qr/not told/, 'nothing is left out');
like($out, qr/cow-copy/, 'a copy on write is told');
done_testing;
