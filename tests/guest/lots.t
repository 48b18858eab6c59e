#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Draws lots (tests/lib/Lots.pm): a policy, sizes of RAM and swap, values of tunables, some of them
# outside their range, some changed while programs want more memory than there is. Whatever was drawn,
# the machine must not panic, the programs must read what they wrote, the audit must hold, and all tasks
# must end soon after the pressure. A value that the kernel cannot use is refused with status 2 and
# named; the lot is then played without it. A lot that fails is shrunk to the choices that it needs, and
# printed as one command. `make test` plays 12 lots, SOAK=1 500, and
#     lots.t SEED COUNT
# COUNT lots from SEED on. SOAK=1 then prints which mechanisms the lots never reached.
use lib 'tests/lib';
use Clockhand;
use Lots;
use Shrink;

my ($first, $count) = (@ARGV, 1)[0 .. 1];
$count = $ARGV[1] // ($ENV{SOAK} ? 500 : 12);

my %seen; # by policy: counters raised, reasons of events shown

# ---- the shrinker: choices that are needed together are all that is left ----
srand 7;
for my $n (1, 2, 5, 40, 3000) {
    for my $need (1, 2, 6) {
        next if $need > $n;
        my %needed = map { $_ => 1 } (sort { $a <=> $b } map { 1 + int rand $n } 1 .. $need);
        my $calls = 0;
        my @left = shrink([1 .. $n], sub {
            $calls++;
            return keys(%needed) == grep { $needed{$_} } @_;
        });
        is(ranges(@left), ranges(sort { $a <=> $b } keys %needed), "$need of $n choices are found");
        cmp_ok($calls, '<', 400, '... in fewer than 400 runs');
    }
}
is(join(' ', shrink(['a=9', 'b=5', 'c=7'], sub { (grep { /^a/ } @_) && grep { /^c=[^0]/ } @_ },
        simpler => sub { return map { $_[0] =~ s/=.*/=$_/r } 0, 1 })),
    'a=0 c=1', 'a choice gets the simplest form with which the test still fails');
is(join(' ', shrink([1, 2, 3], sub { 1 })), '', 'nothing is left if the test always fails');
ok(!eval { shrink([1, 2, 3], sub { 0 }); 1 }, 'a list that does not fail is refused');
is(ranges(1 .. 4, 9, 11, 12), '1-4,9,11-12', 'numbers as ranges');

# ---- the judge sees a panic, a hang, wrong words ----
my @calm = ('policy lru', 'set vm.swappiness=7', 'run ls /bin');
my $panic = 'run echo 1 >/proc/sys/vm/panic_on_oom; hog 9x';
is(lot_run([ @calm, 'set vm.overcommit_memory=1', $panic ]), 'out of memory. panic_on_oom is selected', 'a panic is seen');
is(lot_run([ @calm, 'run kill -STOP $PPID' ]), 'hang: not all tasks ended', 'a hang is seen');
is(lot_run([ @calm, 'run echo p: page 3: 4 words are wrong' ]), 'p: page N: N words are wrong', 'wrong words are seen');
is(lot_run([@calm]), '', 'a calm lot passes');
is(join('; ', lot_shrink([ @calm, 'ram 10M', 'swap 4M', 'set vm.overcommit_memory=1', $panic ], 'out of memory. panic_on_oom is selected')),
    "policy lru; set vm.overcommit_memory=1; $panic", 'a lot is shrunk to what it needs');

# ---- lots that once failed ----
play(@$_) for
    ['a page free with identity is mapped around a fault', 'policy solaris8', 'ram 10M', 'set vm.fault_around=16'],
    ['a fault is refused its second frame, gives back its first, and is tried again for ever', 'policy solaris8',
        'ram 16M', 'swap 64M', 'set sunos.desfree=1', 'set vm.overcommit_memory=1', 'run /tests/hot_cold 409 1228 6144',
        'run randread -m /bin/busybox 2000', 'run /tests/pressure moved 18868'],
    ['the process that kills waits for memory', 'policy mach97', 'set mach.default_pager=0', 'run hog 2x'];
my $why = '';
is(lot_run([ 'policy clock', 'set vm.max_map_count=2' ], \$why), '', 'a limit with which no program can start');
is($why, 'vm.max_map_count', '... is named, with status 2');
# Above throttlefree (32) a fault had its page, was refused the kernel's memory for the disk's request, and was
# tried again for ever.
undef $why;
is(lot_run([ 'policy solaris8', 'ram 7M', 'set sunos.pageout_reserve=44' ], \$why), '', 'a kernel kept shorter than programs');
is($why, 'sunos.pageout_reserve', '... is refused');

# ---- lots by seed ----
play("lot $_", lot_draw($_)) for $first .. $first + $count - 1;
never_reached() if $ENV{SOAK};
done_testing;

# Plays a lot. Tunables that are refused are left out in turn.
sub play {
    my ($name, @lot) = @_;
    my ($refused, $wrong, @without);
    my ($policy) = $lot[0] =~ /^policy (\w+)/;
    do {
        @lot = grep { !/^set \Q$refused\E=/ } @lot if $refused;
        push @without, $refused if $refused;
        undef $refused;
        $wrong = lot_run(\@lot, \$refused, $ENV{SOAK} ? $seen{$policy} //= {} : undef);
    } while $refused;
    $name .= ", $policy" . (@without ? " without @without, which was refused" : '');
    is($wrong, '', $name) and return;
    my @small = eval { lot_shrink(\@lot, $wrong) };
    diag($@ || "needed: @small", "\n", lot_command(@small ? @small : @lot));
    return;
}

# Prints, for each policy, the counters that its mechanisms have and no lot has raised, and the reasons
# of events that no lot of any policy has shown.
sub never_reached {
    my (%shown, %notion);
    my $counters = slurp('guest/abi/counters.def');
    $notion{$1} = lc $2 =~ tr/_/-/r while $counters =~ /^COUNTER\(\w+, "(\w+)", "[^"]*", (\w+),/mg;
    for my $policy (sort keys %seen) {
        $shown{$_} = 1 for keys %{ $seen{$policy}{reason} };
        my (undef, $out) = clockhand('--policy', $policy, qw(--timing fast -x),
            spew(tmp('has.ch'), "run-for 50ms\njson info policy\n"));
        my %has = map { $_ => 1 } 'any', @{ json(($out =~ /^(\{.*)$/m)[0])->{has} };
        my @never = grep { $has{ $notion{$_} } && !$seen{$policy}{counter}{$_} } sort keys %notion;
        diag("$policy: no lot raised @never");
    }
    my @words = grep { !$shown{$_} } slurp('guest/abi/events.def') =~ /^REASON\(\w+,\s*"([^"]+)"/mg;
    diag("reasons that no lot has shown: @words");
    return;
}
