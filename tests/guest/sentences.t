#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A sentence about a victim makes three claims (and its event names an address, at which the page lies): memory ran low or did not, a process or the daemon
# needed the frame, and a rule of the policy chose it. Each claim is compared with levels, counters
# and tables of the same instant, at events that chance chooses. `make test` does so under four
# policies, SOAK=1 under all, at more events and with other seeds:
#     sentences.t SEED POLICY...
use lib 'tests/lib';
use Clockhand;

my ($seed, @policies) = @ARGV;
$seed //= $ENV{SOAK} ? time : 1;
@policies = $ENV{SOAK} ? (clockhand('--policy', 'list'))[1] =~ /^(\w+)/mg
    : qw(clock bsd43 linux612 lru mach97) if !@policies;
srand $seed;
note("seed $seed");

# The rules in a policy's essay; the second of a process at its limit, if it has one of its own.
my %rule = (
    clock => ['since the hand last passed', 'first on the hand\'s way'],
    fifo => ['had joined the queue before all others', 'of its pages it had joined the queue first'],
    lru => ['end of the queue', 'of its pages the policy saw it used longest ago'],
    random => ['at random', 'at random among its pages'],
    arc => ['the hand of its clock found it not used again'],
    (map { $_ => ['since the front hand passed'] } qw(twohand bsd43)),
    (map { $_ => ['a hand had found it unused'] } qw(sunos solaris8)),
    (map { $_ => ['no program that maps it had used it'] } qw(linux26 linux612)),
    (map { $_ => ['the scan found it unused'] } qw(linux240t kpaged)),
    linux24 => ['its age had sunk to 0'],
    (map { $_ => ['end of the inactive queue'] } qw(mach97 gnumach99)),
);

# Runs a command, and stops at events; returns a list of [sentence, levels, events, the last first].
sub sampled {
    my ($policy, $ram, $events, $run) = @_;
    my @lines = ('console off', 'run-until every 10us events > 0', 'run-for 300ms');
    push @lines, 'run-for ' . int(rand 30000) . 'us', 'json next-event -v ' . (qw(reclaim swap-add))[rand 2],
        'json info policy', 'json info events 256', 'json walk event.va event.owner' for 1 .. $events;
    push @lines, 'quit';
    my (undef, $out) = clockhand('--policy', $policy, '--ram', $ram, qw(--swap 64M --timing fast --max-sim-time 30s -x),
        spew(tmp('s.ch'), join "\n", @lines, ''), '--run', $run);
    my @got = map { json($_) } grep { /^[[{]/ } split /\n/, $out;
    my @samples;
    while (my ($stop, $levels, $events, $walk) = splice @got, 0, 4) {
        push @samples, [ $stop->{text}, $levels, $events, $walk ] if $walk && $stop->{stop} eq 'catch';
    }
    return @samples;
}

# Memory was low when the search began; since then this search and another one may each have freed a
# batch of 32, and 32 pages that were being written may have come free. A daemon that waits for the disk
# in its search goes on with it afterwards.
use constant { BATCHES => 3 * 32, SEARCH => 100e6 }; # frames, cycles

# Returns the fewest frames that were free lately: since the last end of a process, or 256 events ago;
# 0 if these events do not reach back far enough to tell.
sub fewest {
    my ($free, @events) = @_;
    my $least = $free;
    return 0 if $events[0]{cycle} - $events[-1]{cycle} < SEARCH;
    for (@events) {
        last if $_->{reason} eq 'exit';
        $free -= ($_->{to} // '') eq 'free';
        $free += ($_->{from} // '') eq 'free';
        $least = $free if $free < $least;
    }
    return $least;
}

# Returns what is untrue in the address of a page that one process alone has; '' if nothing is.
sub misplaced {
    my ($event, $walk) = @_;
    return '' if !$event->{va} || ($event->{from} // '') !~ /^(?:anonymous|swap-cache)$/ || $walk->{error};
    return '' if ($walk->{why} // '') =~ /in swap/;
    my $leaf = $walk->{levels}[-1]; # (a PTE may forbid the access, so that the kernel sees the next one)
    return '' if $leaf->{flags} !~ /clear/ && (hex($leaf->{pte}) >> 10 & 0xfffffffffff) - 0x80000 == $event->{pfn};
    return "at $event->{va} is " . ($walk->{why} // "frame $walk->{pfn}");
}

# Mach's threads are filepager, which is process 2, defpager and pageout.
my $defpager = 3;

# Returns what is untrue in a sentence; '' if nothing is.
sub untrue {
    my ($policy, $text, $levels, $events, $walk, $limit) = @_;
    my $event = $events->[0];
    my $ended = grep { $_->{reason} eq 'exit' } @$events;
    my %at = %$levels;
    my $actor = $event->{actor};
    my ($all, $own) = @{ $rule{$policy} };
    $own //= 'a clock over its own pages found it unused';
    my $pager = $text =~ /the default pager/; # Mach's, which does the daemon's writes
    return 'the daemon is another actor' if ($pager || $text =~ /memory ran low/) != ($actor eq 'pageout');
    return 'the thread is another one' if $actor eq 'pageout' && $policy =~ /mach/ && $pager != ($event->{pid} == $defpager);
    return 'only memory that is low' if $policy =~ /mach/ && $text =~ /memory ran low, so/;
    # A frame that comes free when its page has been written was needed when the write began.
    my $before = $events->[1];
    my $written = $before->{reason} eq 'swap-out' && $before->{pfn} == $event->{pfn};
    return "free is $at{free}, high $at{high}" if $text =~ /memory ran low|a frame was needed/
        && $text !~ /a process waited/ && !$ended # Mach's daemon goes on until each such process has run
        && !$written && fewest($at{free}, @$events) > $at{high} + BATCHES;
    return 'the limit is another actor' if $text =~ /at its RLIMIT_RSS/ != ($actor eq 'limit');
    return 'nobody has a limit' if $actor eq 'limit' && !$limit;
    return 'another process is at its limit' if $actor eq 'limit' && $text !~ /\Q$limit\E \(pid/;
    return 'the swapper is another actor' if $text =~ /a whole process out/ != ($actor eq 'swapper');
    my $want = $actor eq 'limit' ? $own : $actor eq 'swapper' ? 'all pages of its process go' : $all;
    return "the rule is not: $want" if $text !~ /\Q$want\E/;
    return misplaced($event, $walk) if misplaced($event, $walk);
    return 'this very look found it used' if $before->{reason} eq 'ref-cleared'
        && $before->{pfn} == $event->{pfn} && $want =~ /unused|nobody used/;
    return '';
}

for my $policy (@policies) {
    my %seen;
    my $keeps = $policy =~ /^(?:bsd43|sunos|solaris8|linux24)$/;
    for my $case (
        ['hogs', '8M', '', 'while :; do hog 1x 0 & hog 0.6x 0 & dd if=/dev/zero of=/root/x bs=64k count=150 2>/dev/null; for i in 1 2; do dd if=/root/x of=/dev/null bs=2k; done 2>/dev/null; wait; done'],
        ['a limit', '32M', 'play', 'for i in 1 2 3 4 5 6 7 8 9; do for j in 1 2 3 4 5 6 7; do echo $((i * j % 9)); done; done > /tmp/s; while :; do play /tmp/s --frames 3; done'],
        ['moved', '8M', '', 'while :; do poke 2500 w m w t20 m w; done'],
        $policy eq 'bsd43' ? ['swapped', '8M', '', 'sleep 400 & while :; do ' . 'hog 1x 0 & ' x 5 . 'usleep 2000000; done'] : ())
    {
        my ($name, $ram, $limit, $run) = @$case;
        my @samples = sampled($policy, $ram, $ENV{SOAK} ? 200 : 20, $run);
        my @wrong;
        for (@samples) {
            my ($text, undef, $events) = @$_;
            my $event = $events->[0];
            $seen{ $event->{actor} }++;
            my $why = untrue($policy, @$_, $limit);
            push @wrong, "$text\n   ($event->{actor}, cycle $event->{cycle}: $why)" if $why;
        }
        is(join("\n", @wrong), '', "$policy, $name: " . @samples . ' sentences are true');
        # (Where frames come free with their pages in them, few events make these claims.)
        cmp_ok(scalar @samples, '>', 0, '... not none') if !$keeps;
    }
    ok($seen{$_}, "$policy: an event of actor $_ was among them") or diag(explain \%seen)
        for $ENV{SOAK} && !$keeps ? 'pageout' : (), 'limit', $policy eq 'bsd43' ? 'swapper' : ();
}
done_testing();
