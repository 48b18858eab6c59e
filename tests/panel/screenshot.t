#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# --screenshot and the verb `screenshot` of a running guest: every cell is the
# colour of the state that `json page` gives, the picture changes when a frame
# does, and the walk pane shows what step-walk says.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;
use PanelPicture;

my $colours = kind_colours();
my $last = 4095;

# A guest at work, stopped at three moments; all frames asked for at each.
my @times = (300, 60, 60);
my $script = '';
for my $i (0 .. $#times) {
    my $png = tmp("shot$i.png");
    $script .= "run-for $times[$i]ms\nscreenshot $png\necho MOMENT $i\n";
    $script .= "json page $_\n" for 0 .. $last;
    $script .= "json info vm\n";
}
my $file = spew(tmp('moments.ch'), $script);
my $end = tmp('end.png');
my ($status, $out, $err) = clockhand('--run',
    'for i in $(seq 40); do seq 1 2000 | sort -rn | tail -1; ls -lR /etc; done',
    '-x', $file, '--screenshot', $end);
is($status, 0, 'the script ran') or diag($err);
ok(-s $end, '--screenshot left a picture at exit');

my (@pages, @hands, $moment);
for (split /\n/, $out) {
    if (/^MOMENT (\d)/) { $moment = $1 }
    elsif (defined $moment && /^\{"pfn":(\d+)/) { $pages[$moment][$1] = json($_) }
    elsif (defined $moment && /^\{"vm/) {
        $hands[$moment] = [@{ json($_) }{qw(vm.hand0 vm.hand1)}];
    }
}
my @pictures;
for my $i (0 .. $#times) {
    my $p = $pictures[$i] = picture(tmp("shot$i.png"));
    my (@wrong, %seen);
    for my $pfn (0 .. $last) {
        my $page = $pages[$i][$pfn] or die "moment $i: no page $pfn";
        my $state = $page->{state};
        my $c = cell_at($p, $pfn);
        $seen{$state}++;
        push @wrong, "$pfn $state $c"
            unless near_hand($pfn, @{ $hands[$i] })
            || grep { $_ eq $c } @{ $colours->{$state} };
    }
    is(scalar @wrong, 0, "moment $i: every cell is its state's colour")
        or diag(join "\n", @wrong[0 .. ($#wrong < 9 ? $#wrong : 9)]);
    cmp_ok(scalar keys %seen, '>=', 6, "moment $i: six kinds at least");
}

my ($changed, $unseen) = (0, 0);
for my $pfn (0 .. $last) {
    next if $pages[0][$pfn]{state} eq $pages[2][$pfn]{state}
        || near_hand($pfn, map { @$_ } @hands);
    $changed++;
    $unseen++ if cell_at($pictures[0], $pfn) eq cell_at($pictures[2], $pfn);
}
cmp_ok($changed, '>', 20, 'frames changed state between two moments');
is($unseen, 0, 'and each of them changed colour');

# ---- the walk pane ------------------------------------------------------------
$script = "run-for 300ms\nstep-walk\n";
for my $i (1 .. 6) {
    my $png = tmp("walk$i.png");
    $script .= "json step-walk\nscreenshot $png\n";
}
($status, $out, $err) = clockhand('--run',
    'for i in $(seq 40); do seq 1 2000 | sort -rn | tail -1; done', '-x', spew(tmp('walk.ch'), $script));
is($status, 0, 'a walk was stepped') or diag($err);
my @said = map { json($_) } grep { /^\{/ } split /\n/, $out;
is(scalar @said, 6, 'six steps of walks') or diag($out);

# One line of the pane: "L2 8025f000+7f8 000020002c01 D A G U X W R V L1 4 cy".
sub pane_line {
    my ($p, $row) = @_;
    my ($x, $y) = (WALK->[0], WALK->[1] + 15 + 3 * LINE + 3 + LINE * $row);
    my $text = text_at($p, $x, $y, 28);
    my ($level, $table, $offset, $pte) =
        $text =~ /^L(\d) ([0-9a-f]+)\+([0-9a-f]{3}) ([0-9a-f]{12})/ or return;
    my ($cycles) = text_at($p, 1270 - 8 * 6, $y, 8) =~ /(\d+) cy$/;
    return { cycles => $cycles, level => $level,
             pte_pa => hex($table) + hex($offset), pte => hex $pte,
             flags => join '', map { flag($p, $x + 29 * 6 + 9 * $_, $y) } 0 .. 7 };
}

# A flag box: the letter where it is lit, '-' where not.
sub flag {
    my ($p, $x, $y) = @_;
    return '-' unless pixel($p, $x, $y) eq '6FB4FF';
    return text_at($p, $x + 1, $y - 1, 1);
}

my ($compared, $png) = (0, 0);
for my $step (@said) {
    my $p = picture(tmp('walk' . ++$png . '.png'));
    next unless defined $step->{level} && defined $step->{pte_pa};
    my @lines = grep { $_ } map { pane_line($p, $_) } 0 .. 3;
    my ($line) = grep { $_->{level} == $step->{level} } @lines;
    ok($line, "step $png: its level is in the pane") or next;
    is(sprintf('%x', $line->{pte_pa}), sprintf('%x', oct $step->{pte_pa}),
        "step $png: the PTE's address");
    is(sprintf('%x', $line->{pte}), sprintf('%x', oct $step->{pte}),
        "step $png: the PTE");
    is($line->{flags}, $step->{flags}, "step $png: its bits");
    is($line->{cycles}, $step->{cycles}, "step $png: its cycles");
    $compared++;
}
cmp_ok($compared, '>=', 4, 'steps were compared with the pane');

done_testing();
