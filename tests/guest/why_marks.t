#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Each mark of a frame has its cause: at an instant that chance chooses, `why MARK PFN` names an event
# for frames of each mark. (A frame may come to be shared, and a write-back begins, without one, which
# the answer says.) `why WORD` of all frames counts, in its table, each event that it lists below it,
# for the words of all marks and states.
# `make test` asks under two policies, SOAK=1 under all, and with another seed:
#     why_marks.t SEED POLICY...
use lib 'tests/lib';
use Clockhand;

my ($seed, @policies) = @ARGV;
$seed //= $ENV{SOAK} ? time : 1;
@policies = $ENV{SOAK} ? (clockhand('--policy', 'list'))[1] =~ /^(\w+)/mg : qw(clock linux24) if !@policies;
srand $seed;
note("seed $seed");

use constant ASKED => 60; # frames of each mark, at most
my @marks = qw(dirty clean referenced active inactive kept shared mapped locked io);
my @words = map { slurp($_->[0]) =~ /^$_->[1]\(\w+, "([^"]+)"/mg }
    [qw(emu/inspect/words/marks.def MARK)], [qw(guest/abi/frame_states.def STATE)];
my $load = 'hog 1x & (dd if=/dev/zero of=/root/x bs=64k count=40; cat /root/x; '
    . 'dd if=/dev/zero of=/dev/shm/y bs=64k count=10) >/dev/null 2>&1 & wait';

# Runs the load until the instant, and then the questions; returns their answers.
sub at {
    my ($policy, $ms, @questions) = @_;
    my ($out) = succeeds("$policy at $ms ms", clockhand(qw(--ram 8M --swap 32M --timing fast --policy), $policy,
        '-x', spew(tmp("why.ch"), join "\n", 'console off', 'expect "# " 60s', qq(send "$load\\n"),
            "run-for ${ms}ms", @questions, '')));
    return map { json($_) } grep { /^\{/ } split /\n/, $out;
}

my $same = 0; # events listed that leave the frame's state as it was
for my $policy (@policies) {
    my $ms = 300 + int rand 1500;
    my @lists = at($policy, $ms, map { "json info frames $_ all" } @marks);
    my @asked;
    for my $i (0 .. $#marks) {
        # Frames of the kernel itself have the marks that its start gave them.
        my @frames = map { $_->{pfn} } grep { $_->{state} ne 'kernel-code' } @{ $lists[$i]{list} };
        push @asked, "$marks[$i] " . splice @frames, rand @frames, 1 for 1 .. min(ASKED, scalar @frames);
    }
    my @answers = at($policy, $ms, map { "json why $_" } @asked);
    my @wrong = map { $asked[$_] } grep {
        my $j = $answers[$_];
        !$j->{is} || (!$j->{made_by} && !$j->{came_by} && $asked[$_] !~ /^shared/
            && ($asked[$_] !~ /^io/ || $j->{state} ne 'file-dirty'))
    } 0 .. $#asked;
    is("@wrong", '', "$policy: why names the cause of " . @asked . ' marks');
    cmp_ok(scalar @asked, '>', 200, '... of many frames');

    my ($listed, @left_out) = (0);
    for my $j (at($policy, $ms, map { "json why $_" } @words)) {
        my %counted = map { $_->{reason} => $_->{events} } @{ $j->{made_by} };
        for my $e (@{ $j->{latest} }) {
            $listed++;
            $same += $e->{from} eq $e->{to};
            push @left_out, "$j->{word}: $e->{reason}" if ($counted{ $e->{reason} } // 0) <= 0;
            $counted{ $e->{reason} }--;
        }
    }
    is("@left_out", '', "$policy: why WORD counts the events that it lists");
    cmp_ok($listed, '>', 100, '... which are many');
}
cmp_ok($same, '>', 10, 'some events change a mark, but not the state');
done_testing();

sub min { return $_[0] < $_[1] ? $_[0] : $_[1] }
