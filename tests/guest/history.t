#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Time runs both ways, in a guest under memory pressure. Going back and forward again leads to the same machine,
# in either timing. Both engines give the same past. Going back to a watchpoint finds the write that a run forward
# finds. In the past no answer tells of the future. Writes to an overlay can be taken back, those to a disk's file
# cannot. SOAK=1: 1,000 points in each timing, 31 moments under each engine, 100 addresses.
use lib 'tests/lib';
use Clockhand;
use Monitor;

my $soak = $ENV{SOAK};
my ($points, $addresses) = $soak ? (1000, 100) : (2, 1);
my @ram = qw(--ram 8M --swap 32M);
srand($ENV{SEED} // 2026);

sub pressed {
    my $m = Monitor->new(@ram, @_);
    $m->ask('console off', 'expect "# " 60s',
        'send "thrash >/dev/null & while true; do hog 2M; done >/dev/null\n"',
        'run-for 200ms');
    return $m;
}

# ---- back k and forward k ----
for my $timing ('cycle', 'fast') {
    my $m = pressed('--timing', $timing);
    my $wrong = '';
    for my $point (1 .. $points) {
        $m->ask('run-for ' . int rand 8_000_000, 'stepi ' . int(1 + rand 50));
        my $here = $m->hash;
        my $k = 1 + int rand(2) * exp rand 14;
        $m->ask("reverse-stepi $k", "stepi $k");
        $wrong .= "stepi $k at point $point\n" if $m->hash ne $here;
        my $c = int exp rand 16;
        my $now = $m->value('cycle');
        $m->ask("goto -$c");
        my $back = $m->hash;
        $m->ask("run-until cycle >= $now", 'goto now');
        $wrong .= "now at point $point\n" if $m->hash ne $here;
        $m->ask("goto -$c");
        $wrong .= "goto -$c at point $point\n" if $m->hash ne $back;
        $m->ask('goto now');
    }
    is($wrong, '', "$timing: back and forward again, $points points");
    is($m->quit, 0, "$timing: ends with status 0");
}

# ---- both engines give one past ----
my @pasts;
for my $engine ('interp', 'jit') {
    my $m = pressed('--engine', $engine);
    my @past;
    for my $at (map { 200_000_000 + 7_777_777 * $_ } 0 .. ($soak ? 30 : 2)) {
        $m->ask("goto $at");
        push @past, $m->hash;
        $m->ask('reverse-stepi 1000');
        push @past, $m->hash;
    }
    push @pasts, "@past";
    $m->quit;
}
is($pasts[1], $pasts[0], 'both engines give the same past');

# ---- back to a watchpoint: the write that a run forward finds ----
# Describes a stop by its cycle and its text, without the watchpoint's number.
sub told { return "$_[0]{cycle} " . $_[0]{text} =~ s/^watchpoint \d+: //r }
# Returns every write at which a run forward from `mark start` to now stops.
sub forward {
    my ($m, $now) = @_;
    my @stops;
    $m->ask('goto start');
    for (;;) {
        my $stop = $m->facts("run-until cycle >= $now");
        last if $stop->{stop} ne 'watchpoint';
        push @stops, told($stop);
    }
    return @stops;
}
no warnings 'portable';
my $m = pressed();
my $early = $m->facts('info counters');
my $lens = $m->facts('info lens');
my $rows = oct($lens->{direct_va}) + oct $lens->{frames_pa};
my ($wrong, $found) = ('', 0);
for my $tries (1 .. 40 * $addresses) {
    last if $found == $addresses;
    # Watches a random frame's reference count in the kernel's frame table.
    my $va = sprintf '0x%x', $rows + 4 + $lens->{frame_stride} * (300 + int rand 1700);
    $m->ask('goto now', 'delete all') if $tries > 1;
    $m->ask('run-for 3ms', 'mark start', 'run-for 30ms');
    my ($now, $here) = ($m->value('cycle'), $m->hash);
    $m->ask("watch u32[$va]");
    my @stops = forward($m, $now);
    $m->ask('goto now');
    $wrong .= "now, $va\n" if $m->hash ne $here;
    next if !@stops;
    $found++;
    for my $want (reverse @stops) {
        my $stop = $m->facts('reverse-continue');
        $wrong .= "$va: " . told($stop) . ", forward $want\n" if told($stop) ne $want;
    }
    # Watched by its physical address, the same memory shows the same writes, both ways.
    my $pa = sprintf 'pa:0x%x', oct($va) - oct $lens->{direct_va};
    $m->ask('goto now', 'delete all', "watch u32[$pa]");
    my @physical = map { s/\Q$pa\E/$va/r } forward($m, $now);
    $wrong .= "$pa: @physical, not @stops\n" if "@physical" ne "@stops";
    for my $want (reverse @stops) {
        my $stop = told($m->facts('reverse-continue')) =~ s/\Q$pa\E/$va/r;
        $wrong .= "$pa: $stop, forward $want\n" if $stop ne $want;
    }
    my $last = (split ' ', $stops[-1])[0];
    $m->ask('goto now');
    my $write = $m->facts("last-write va:$va");
    $wrong .= "last-write va:$va: $write->{cycle}, watched $last\n"
        if $write->{cycle} < $last || !$write->{hart};
}
# last-write of a counter raised long ago must name an instruction, not the restoring of
# a snapshot. (The other counters in its page are written all the time.)
my @counters = map { /^COUNTER\((\w+)/ } split /\n/, slurp('guest/abi/counters.def');
my $late = $m->facts('info counters');
my ($old) = grep { my $c = $late->{lc $counters[$_]}; $c && $c == $early->{lc $counters[$_]} }
    0 .. $#counters;
my ($name, $at) = (lc $counters[$old], '&counters+' . 8 * $old);
my $write = $m->facts("last-write va:$at");
ok($write->{hart}, "$name, a counter last raised long ago, was written by an instruction")
    or diag($write->{text});
is($m->value($name), $late->{$name}, '... and that write gave it this value');
$m->ask('reverse-stepi');
cmp_ok($m->value($name), '<', $late->{$name}, '... before the write it is less');
$m->ask('goto now');
my @byte = map { $m->ask('goto now'); $m->facts("last-write va:$at+$_") } 0, 7;
is($byte[1]{cycle}, $byte[0]{cycle}, 'last-write of a counter\'s last byte finds its write, not the next counter\'s');
is($wrong, '', 'reverse-continue to a watchpoint stops where the run forward stopped');
is($found, $addresses, "... for $addresses addresses");
$m->ask('delete all', 'goto now');

# ---- a write by DMA belongs to no process, whichever process is on the hart ----
{
    my (undef, $out) = clockhand(@ram, '-x', spew(tmp('dma.ch'), join "\n", 'expect "# " 60s',
        'send "while :; do :; done & cat /bin/* >/dev/null\n"', 'run-for 20ms',
        'tcatch read-ahead', 'run-for 1s', 'let f event.pfn', 'run-for 50ms', 'json last-write pfn:let.f',
        'goto now', 'json last-write let.f', 'echo ' . 'x' x 3000, ''));
    my ($dma, $bare) = map { json($_) } grep { /^\{/ } split /\n/, $out;
    is_deeply($bare, $dma, 'a number that is no address is taken as a frame\'s number');
    like($out, qr/^x{3000}$/m, 'echo prints all 3,000 characters');
    ok(!$dma->{hart} && !exists $dma->{pid}, 'a write by DMA is of no process') or diag($out);
}

# ---- stepi steps over the end of the hart's sleep: reverse-stepi goes back into the midst of it ----
{
    my (undef, $out) = clockhand(@ram, '-x', spew(tmp('asleep.ch'), join "\n", 'expect "# " 60s',
        'send "sleep 3\n"', 'run-for 1s', 'print cycle', 'stepi 3', 'reverse-stepi 3', 'print cycle', ''));
    my ($from, $back) = $out =~ /^(\d+)$/mg;
    is($back, $from, 'reverse-stepi 3 returns to the cycle at which stepi 3 began');
}

# ---- breakpoints, events ----
my $cycle = $m->value('cycle');
$m->ask('run-for 20ms', 'break page_set_state', 'goto ' . $cycle);
my @stops;
while (@stops < 5) {
    my $stop = $m->facts('run-for 30ms');
    last if $stop->{stop} ne 'breakpoint';
    push @stops, $stop->{cycle};
}
is(scalar @stops, 5, 'five breakpoints on the way forward');
my @back = map { $m->facts('reverse-continue')->{cycle} } 1 .. 4;
is_deeply(\@back, [reverse @stops[0 .. 3]], '... and four on the way back');
$m->ask('delete all', 'goto now');
# The kernel reports an event by a store; the machine stops after the store.
my @zeroed = map { $_->{cycle} } @{ $m->facts('info events 3 demand-zero') };
is(scalar @zeroed, 3, 'there are events');
for my $told (@zeroed) {
    my $stop = $m->facts('previous-event demand-zero');
    is($stop->{stop}, 'catch', 'previous-event stops at an event');
    ok($stop->{cycle} >= $told && $stop->{cycle} < $told + 100, "... at $told")
        or diag($stop->{cycle});
}

# ---- no answer tells of the future ----
$m->ask('goto now');
$m->ask('goto -50ms');
my $then = $m->value('cycle');
my $past = $m->facts('info events 5');
is(scalar @$past, 5, 'the past has its events');
is(scalar(grep { $_->{cycle} > $then } @$past), 0, 'the past knows no later event');
is($m->facts('info history')->{past}, 1, 'info history: in the past');
$m->quit;

# ---- a frame that is first used by a fetch: the page of sigreturn ----
$m = Monitor->new(@ram);
$m->ask('console off', 'expect "# " 60s', 'send "true | true\n"', 'run-for 100ms');
my ($fetched) = grep { ($_->{va} // '') eq '0x3fffffe000' && $_->{pc} eq $_->{va} }
    @{ $m->facts('info events 250 map-cached') };
ok($fetched, 'the shell returns from a signal');
my $touch = $m->facts("first-touch $fetched->{pfn}");
is($touch->{pc}, $fetched->{va}, 'first-touch: by a fetch');
ok($touch->{hart} && $touch->{cycle} > $fetched->{cycle}, '... by the hart, after the page was mapped');
$m->quit;

# ---- a frame has more than 256 events since it was free: its page of a file is written 160 times ----
$m = Monitor->new(qw(--ram 8M --timing fast --disk-model nvme));
$m->ask('console off', 'expect "# " 60s', 'send "dd if=/dev/zero of=/root/y bs=64k count=90;'
    . ' rm /root/y; sync; echo x >/root/x; i=0; while [ $i -lt 160 ]; do echo y | dd of=/root/x'
    . ' bs=1 conv=notrunc; sync; i=$((i+1)); done 2>/dev/null; echo rea\'\'dy\n"',
    'expect "ready" 99s');
my ($written) = map { $_->{pfn} } @{ $m->facts('info events 1 write-back') };
my ($made) = @{ $m->facts("why file $written")->{made_by} // [ { cycle => 0 } ] };
is($made->{from} // '', 'free', 'why file PFN finds the event that began this life');
my $known = $m->facts("why $written")->{known} // 0;
cmp_ok($known, '>', 320, 'why PFN: more events are known than it lists');
ok($m->ask("why $written") =~ /^@{[ $known - 256 ]} earlier events are known: .*info events from/m,
    '... and it says so');
cmp_ok($m->facts("first-touch $written")->{cycle}, '>=', $made->{cycle},
    'first-touch: in this life of the frame');
$m->quit;

# ---- the past is read-only; a branch is another future ----

sub script {
    my $file = spew(tmp('s.ch'), join "\n", @_, '');
    return clockhand(@ram, '-x', $file);
}
my @begin = ('expect "# " 60s', 'send "echo one\n"', 'expect "one" 1s',
    'run-for 100ms', 'mark here', 'goto -90ms');
refuses(\@begin, @ram, map { [$_, qr/this is the past.*branch begins a new future/] }
    'send "x\n"', 'set u32[pa:0x80400000] = 1', 'timing fast', 'sysrq m');
my ($out, $err) = succeeds('a branch, and back', script(@begin, 'hash', 'branch', 'hash',
    'send "echo two\n"', 'expect "two\n" 1s', 'run-for 50ms', 'hash', 'refuse "a mark" goto here',
    'branch leave', 'hash', 'goto here', 'hash', 'goto -90ms', 'hash',
    'goto now', 'send "echo three\n"', 'expect "three\n" 1s'));
my @hash = $out =~ /^hash (\w+)$/mg;
is($hash[1], $hash[0], 'a branch begins at the same machine');
isnt($hash[2], $hash[0], 'its future differs');
is($hash[4], $hash[3], 'branch leave: at the old present');
is($hash[5], $hash[0], '... and the old past is kept');
is(() = $out =~ /^two\r?$/mg, 1, 'the output of the branch is printed once');
is(() = $out =~ /^one\r?$/mg, 1, 'repeated output is not printed again');
# Rows of --events and --counters tell where the machine went back.
my @files = (tmp('e.csv'), tmp('c.csv'));
script('# options: --events ' . $files[0] . ' --counters ' . $files[1], @begin, 'branch', 'run-for 30ms',
    'branch leave', 'run-for 30ms', 'save ' . tmp('b.sav'), 'run-for 20ms', 'load ' . tmp('b.sav'));
my ($e, $c) = map { [ map { /^(\d+)/ } split /\n/, slurp($_) ] } @files;
my @went = slurp($files[0]) =~ /^(\d+),0,,,,(?:branch|branch-leave|load),$/mg;
is(@went, 3, '--events: a row for each branch, leave and load');
is_deeply([ map { $c->[$_] } grep { $c->[$_] < $c->[ $_ - 1 ] } 1 .. $#$c ], [ @went[ 0, 2 ] ],
    '--counters: rows go on from where the machine went');

# ---- writes to a disk's file cannot be taken back, those to an overlay can ----
my $image = tmp('disk.img');
for my $overlay ('', ',overlay,cut=3,fail=write#8') {
    spew($image, "\0" x (1 << 20));
    my $file = spew(tmp('s.ch'), join "\n", 'expect "# " 60s', 'mark before', 'hash', 'run-for 1ms',
        'send "dd if=/bin/busybox of=/dev/vdb bs=4096 count=8 conv=fsync; echo $((40+2))\n"',
        'expect "42\n" 20s', 'run-for 10ms', 'hash', 'goto before', 'hash', 'goto now', 'hash', '');
    my ($status, $out, $err) = clockhand(@ram, '--drive',
        build() . '/guest/root.img,overlay', '--drive', "$image$overlay",
        ($overlay ? () : ('--drive', spew(tmp('other.img'), "\0" x 65536))), '-x', $file);
    is($status, $overlay ? 0 : 1, "$image$overlay: back over a write") or diag("$out$err");
    like($err, qr/the guest wrote to \S*disk\.img, which cannot be taken back/, '... says why')
        if !$overlay;
    my @hash = $out =~ /^hash (\w+)$/mg;
    is("@hash[2, 3]", "@hash[0, 1]", '... to the same machines, on a disk with cache and faults')
        if $overlay;
    is(slurp($image) =~ /[^\0]/ ? 1 : 0, $overlay ? 0 : 1,
        '... the file changes only without an overlay');
}
# If the guest writes to a disk's own file in a branch, the future before the branch cannot be resumed.
spew($image, "\0" x (1 << 20));
(my $status, $out, $err) = clockhand(@ram, '--drive', build() . '/guest/root.img,overlay', '--drive', $image, '-x',
    spew(tmp('s.ch'), join "\n", 'expect "# " 60s', 'run-for 100ms', 'goto -50ms', 'branch',
        'send "dd if=/bin/busybox of=/dev/vdb bs=4096 count=8 conv=fsync; echo $((40+2))\n"', 'expect "42\n" 20s', 'run-for 10ms', 'branch leave', ''));
is($status, 2, 'branch leave after a write to a disk\'s own file is refused');
like($err, qr/branch: no future is put aside: .* wrote to \S*disk\.img/, '... says why');
done_testing;
