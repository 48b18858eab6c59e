#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Compares the events that probes see in an unmodified Linux (emu/linux) with the kernel's own
# counts. Under Debian's kernel linux_events.c makes faults of every kind, forks, swaps, runs out of
# memory, writes and reads files, and reads /proc/vmstat and /proc/stat between these parts. The
# events between two readings must add up to the rise of the counts: each frame that was allocated
# or freed, each folio that reclaim scanned. The probes must not change the hash (SOAK=1). Going
# back in time must bring the events of that time back, too. At some moments each frame's state in
# RAM must be the one that its last event tells.
use lib 'tests/lib';
use Clockhand;
use Debian;
use Monitor;

debian_images();
$ENV{TEST_TIMEOUT} = 3000;

my $root = root_with('tests/machine/linux_events.c');
my ($swap, $saved, $csv) = map { tmp($_) } qw(swap.img booted events.csv);
truncate spew($swap, ''), 48 << 20 or die;
my @machine = (boot_arguments("$root,overlay"), '--timing', 'fast', '--drive',
    "$swap,overlay");

# ---- one boot -----------------------------------------------------------------

my $frames = "print cycle\njson info frames all\n";
my $boot   = qq(expect "handing over" 120s\n${frames}expect "$PROMPT" 120s\n);
$boot .= qq(send "$_\\n"\nexpect "$PROMPT" 60s\n)
    for 'mkswap /dev/vdb', 'swapon /dev/vdb';
$boot .= "walk u64[&vmcoreinfo_data] r\ninfo lens\n";
my ($status, $out, $err) = clockhand(@machine, '--events', $csv, '-x',
    spew(tmp('boot.ch'), "$boot${frames}save $saved\nquit 0\n"));
is($status, 0, 'Debian boots') or diag($err), done_testing, exit;

# ---- the last event of each frame ---------------------------------------------

# Compares each frame's state in RAM with its last event, at each moment in the output that has a
# cycle and `json info frames all`. Pages of programs, files and shared memory that came after the
# probes were placed, before the first program, must have an event.
my %latest;

sub judge {
    my ($what, $out, @line) = @_;
    while ($out =~ /^(\d+)\n(\{.*"pfn":0,.*)$/mg) {
        my ($cycle, $rows, $n, @wrong, @untold) = ($1, $2, 0);
        while (@line && (split /,/, $line[0])[0] <= $cycle) {
            my (undef, undef, $pfn, $from, $to, $reason) = split /,/, shift @line;
            $latest{$pfn} = [ $to, "$from -> $to: $reason" ] if $pfn ne '';
        }
        while ($rows =~ /"pfn":(\d+),"state":"([\w-]+)"/g) {
            my $last = $latest{$1};
            push @untold, "$1 $2" if !$last && $2 !~ /^(?:kernel-|page-table|free|zeroed)/;
            push @wrong, "$1 is $2, last event $last->[1]" if $last && $last->[0] ne $2;
            $n += defined $last;
        }
        cmp_ok($n, '>', 1000, "$what, cycle $cycle: $n frames have events");
        is(scalar @wrong, 0, '... whose last one tells their state')
            or diag(join "\n", @wrong[ 0 .. ($#wrong < 9 ? $#wrong : 9) ]);
        is("@untold", '', '... no other frame is one of programs or files');
    }
}

sub csv_lines { return grep { /^\d/ } split /\n/, slurp($csv) }
judge('boot', $out, csv_lines());
like(slurp($csv), qr/^\d+,1,,,,exec,/m, "the exec of pid 1's first program is an event");

# The machine finds the kernel within 16 ms after the kernel has written its
# VMCOREINFO, which begins with OSRELEAS. (The exec of the first process would not
# show a search that finds the kernel a second late.)
my ($note)  = $out =~ /^ok: pa (0x[0-9a-f]+)/m;
my ($since) = $out =~ /^its events are seen .* since cycle (\d+)/m;
my (undef, $there) = clockhand(@machine, '-x', spew(tmp('note.ch'),
    "while u64[pa:$note] != 0x5341454c4552534f\nrun-for 1ms\nend\n"
    . "print \$cycle\nrun-for 20ms\ninfo lens\nquit 0\n"));
my $written = hex(($there =~ /^0x([0-9a-f]+)$/m)[0] // 0);
cmp_ok($written, '>', 0, 'VMCOREINFO was written');
cmp_ok($since - $written, '<=', 17_000_000, '... and the kernel is found soon after');
like($there, qr/since cycle $since$/m,
    'it is found at the same cycle, however often the script asks');

# ---- one run, with probes and without -------------------------------------------

# Runs linux_events with the same console input each time.
my $work = qq(send "/root/linux_events && poweroff -f\\n"\n)
    . join '', map { qq(expect "MARK $_" 600s\n$frames) } qw(forks huge swaps reads);
$work .= qq(expect "STORED" 60s\n${frames}continue\n);

sub run_typed {
    my ($out, $err) = succeeds("linux_events runs @_", clockhand(@machine,
        '--load', $saved, '--hash', @_, '-x', spew(tmp('work.ch'), $work)));
    return ($out =~ s/\r//gr, $err =~ /^hash ([0-9a-f]+)$/m);
}
my ($said, $hash) = run_typed('--events', $csv);
judge('linux_events', $said, csv_lines());
if ($ENV{SOAK}) {
    my (undef, $unseen) = run_typed();
    is($hash, $unseen, 'the same hash with probes and without');
    my (undef, $looked_at) = run_typed('--panel', '--pace', 'max', '--events',
        tmp('panel.csv'), '--screenshot', tmp('panel.png'));
    is($hash, $looked_at, '... and with the panel');
}

# At each mark @vmstat gets the kernel's numbers, @tally the events since the last mark.
my (@name, @vmstat, @tally);
while ($said =~ /MARK (\w+)\n(.*?)END\n/gs) {
    my ($name, $text, %n) = ($1, $2);
    $n{$1} = $2 while $text =~ /^(\w+) (\d+)$/mg;
    push @name,   $name;
    push @vmstat, \%n;
}
is("@name", 'warm begin forks lives huge swaps starves files reads stores', 'all parts ran');

my ($marker, %n, %reused);
for (split /\n/, slurp($csv)) {
    my ($cycle, $pid, $pfn, $from, $to, $reason, $actor) = split /,/;
    $n{$reason}++;
    $n{FREED}++ if $pfn ne '' && $to eq 'free';
    # Compaction takes frames off the free lists itself, which pgalloc does not count.
    $n{TAKEN}++ if $pfn ne '' && $from eq 'free' && $reason ne 'moved';
    $n{'shared-store'}++ if "$from $reason $actor" eq 'file-clean file-write fault';
    # A write to a page of 2 MiB by its last owner is no pgreuse.
    if ($reason eq 'cow-reuse' && ++$reused{$cycle} == 512) {
        $n{'cow-reuse'} -= 512;
        $n{'huge-reuse'}++;
    }
    next if $reason ne 'fault-illegal' || $pid != ($marker //= $pid);
    push @tally, {%n};
    %n = ();
}
is(scalar @tally, scalar @name, 'each mark is a refused fault');

# @kept: the reasons, except kept-again, for which reclaim keeps a folio. @active: those that activate it.
my %kept = slurp('emu/linux/kept.def') =~ /^KEPT\(\w+, "([\w-]+)", ([01]),/mg;
my @active = map { "kept-$_" } grep { $kept{$_} } sort keys %kept;
my @kept   = map { "kept-$_" } grep { $_ ne 'again' } sort keys %kept;
my %part;

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
        [ 'pgfault', 'fault-minor fault-no-frame fault-major fault-illegal' ],
        [ 'pgreuse',                   'cow-reuse shared-store' ],
        [ 'pswpout',                   'swap-out' ],
        [ 'swap_ra',                   'swap-ahead' ],
        [ 'nr_written',                'swap-out write-back' ],
        [ 'workingset_refault_anon workingset_refault_file', 'refault' ],
        [ 'pgsteal_anon pgsteal_file', 'reclaim' ],
        [ 'pgactivate',                "activate @active" ],
        [ 'pgfree',                    'FREED' ],
        [ 'pgalloc_dma32 pgalloc_normal pgalloc_movable', 'TAKEN' ],
        [ 'thp_split_pmd', 'split-part split-cow split-reclaim' ],
        [ 'oom_kill',                  'oom' ],
        [ 'processes',                 'fork' ],
    );
    for (@same) {
        my ($theirs, $ours) = @$_;
        is($told->(split ' ', $ours), $rose->(split ' ', $theirs), "$name[$i]: $ours are $theirs");
    }
    is($told->('fault-huge'), 512 * $rose->('thp_fault_alloc'),
        "$name[$i]: fault-huge is 512 times thp_fault_alloc");
    # If a process is killed while its fault waits for the disk, the fault does not
    # end: the kernel counts its pgmajfault, and no pgfault.
    my $waited = $rose->('pgmajfault') - $told->('fault-major');
    ok($waited >= 0 && $waited <= $rose->('oom_kill'),
        "$name[$i]: fault-major is pgmajfault") or diag($waited);
    # Reclaim takes or keeps each folio that it scans; a folio that it looks at
    # twice (kept-again) is scanned once.
    is($told->('reclaim', 'ref-cleared', 'push-queued', 'swap-keep', 'mlock',
            @kept) - $told->('kept-again'),
        $rose->('pgscan_anon', 'pgscan_file'),
        "$name[$i]: each folio that was scanned is taken or kept");
    $part{ $name[$i] } = $n;
    # Linux 6.12 swaps in pages of zeros by a bitmap without counting pswpin.
    cmp_ok($told->('swap-in', 'swap-ahead'), '>=', $rose->('pswpin'),
        "$name[$i]: swap-in and swap-ahead cover pswpin");
}

# Each part of the program must have caused these events.
my ($forks, $lives, $huge, $swaps, $starves, $files, $reads) =
    @part{qw(forks lives huge swaps starves files reads)};
is($forks->{'zero-map'}, 32, '32 pages were first read');
cmp_ok($forks->{'cow-copy'}, '>=', 64, 'the child copied 64 pages');
cmp_ok($forks->{'cow-reuse'}, '>=', 64, 'the parent wrote 64 pages of which it was the last owner');
cmp_ok($forks->{'demand-zero'}, '>=', 96, '96 pages were first written');
cmp_ok($forks->{'cow-share'}, '>=', 96, 'the fork shared 96 pages');
is($lives->{$_}, 8, "eight times $_") for qw(fork exec proc-exit);
cmp_ok($lives->{'exec-discard'}, '>=', 8, 'exec freed the old memory');
is($huge->{'fault-huge'}, 4 * 512, 'four pages of 2 MiB');
is($huge->{'huge-reuse'}, 1,       'one huge page was written by its last owner');
is($huge->{'split-cow'},  1,       'one huge page was split by a write');
is($huge->{'split-part'}, 1,       'one huge page was split by munmap');
cmp_ok($swaps->{'demand-zero'}, '>=', 10240, 'swaps: 10240 pages were first written');
cmp_ok($swaps->{$_} // 0, '>', 0, "swaps: $_")
    for qw(swap-add swap-out swap-in swap-ahead swap-map reclaim push-queued
    ref-cleared activate);
cmp_ok($files->{'write-back'}, '>=', 128, '128 pages of files were written');
cmp_ok($files->{'file-write'}, '>=', 128, '128 pages came into the cache by write()');
cmp_ok($reads->{$_} // 0, '>', 0, "reads: $_") for qw(file-read page-in read-ahead);
cmp_ok($reads->{'map-cached'}, '>=', 60, 'pages around a fault were mapped');
is($starves->{oom}, 1, 'one process was killed');

# ---- asked at the prompt --------------------------------------------------------

($status, $out, $err) = clockhand(@machine, '--load', $saved, '-x',
    spew(tmp('ask.ch'), <<'END'));
why dirty
info lens
pmap 1
send "/root/linux_events\n"
catch cow-copy
continue
info events 3
why event.pfn
quit 0
END
is($status, 0, 'catch, info events, why') or diag($out, $err);
like($out, qr/seen by probes at its functions/, 'info lens says how events are seen');
unlike($out, qr/not told/, 'no event is left out');
unlike($out, qr/reports no events/, 'its events are seen at once after a load');
like($out, qr/\[vvar\]\n.*\[vdso\]\n/, 'the mappings of the kernel have names');
like($out, qr/cow-copy/, 'a copy on write is an event');

# ---- back and forward again -----------------------------------------------------

# However the machine comes to a cycle, it and its events are the same there.
my $m = Monitor->new(@machine, '--load', $saved);
sub here { return $m->hash . $m->ask('json info events 60') }
$m->ask('console off', 'send "/root/linux_events\n"', 'catch fork', 'continue',
    'continue', 'delete all');
my ($from, $was) = ($m->value('cycle'), here());
like($was, qr/"reason":"fork"/, 'stopped at a fork');
$m->ask('run-for 3ms');
my ($to, $is) = ($m->value('cycle'), here());
isnt($is, $was, 'there were events');
$m->ask("goto $from");
is(here(), $was, 'goto: the same machine and events as before');
$m->ask("run-until cycle >= $to");
is(here(), $is, '... and after running forward again');
like($m->ask('previous-event cow-copy'), qr/copy on write/, 'previous-event finds a copy on write');
my ($at, $copied) = ($m->value('cycle'), here());
$m->ask('goto now');
is(here(), $is, 'goto now: the present is unchanged');
$m->ask('catch cow-copy', 'reverse-continue');
is(here(), $copied, 'reverse-continue stops there as well');
cmp_ok($at, '<', $to, '... before the present');

# ---- stores to files and to shared memory --------------------------------------

$m->ask('delete all', "load $saved", 'send "/root/linux_events stores\n"', 'expect "STORED" 60s');

# Asks why the page at va is dirty, and for the events of its frame.
sub why {
    my ($frame) = $m->ask("walk $_[0] r linux_events") =~ /, frame (\d+),/;
    return $m->ask("why dirty $frame") . "EVENTS\n" . $m->ask("why $frame");
}
my ($file, $tmpfs, $shared) = map { why($_) } qw(0x2000000000 0x2000100000 0x2000200000);
like($file, qr/^what made it dirty:\n.*file-clean -> file-dirty: file-write \(fault\) at 0x2000000000, pc/m,
    'a store after the write-back made a page of a file dirty');
like($file, qr/EVENTS.*file-dirty -> file-clean: write-back.*file-write \(syscall\)/s,
    '... not write(), whose page was on the disk by then');
like($tmpfs, qr/^what made it dirty:\n.*stays shared-memory: file-write \(syscall\)/m,
    'write() made a page of tmpfs dirty');
like($tmpfs,  qr/the D bit is set in pid \d+'s entry/, '... and a store, too');
like($tmpfs,  qr/free -> shared-memory: file-write/,    '... which has an event of its coming');
like($shared, qr/free -> shared-memory: demand-zero \(fault\) at 0x2000200000/,
    'shared memory has come by a store');
$m->quit;
done_testing;
