#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A loaded machine shows the saved machine's past: neither that of the run that
# was left (events of a time still to come, a use 18446744073661 ms ago) nor, in
# a fresh process, an empty past.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;

my @machine = ('--ram', '8M', '--swap', '16M');
my $save = tmp('a.sav');
my @ask = ('info dram', 'why swap', 'why pgfault', 'info events 256', 'page 499',
    'page 343', 'why 499', 'why 343', 'page page.pfn');
my @questions = ((map { "json $_" } @ask), 'print cycle', 'print event.pfn',
    'print event.pid');

sub answers {
    my ($lines, @options) = @_;
    my $file = spew(tmp('s.ch'), join "\n", @$lines, '');
    my ($status, $out, $err) = clockhand(@machine, @options, '-x', $file);
    is($status, 0, "a script of @options") or diag($err);
    return grep { /^(?:[{\[\d]|hash )/ } split /\n/, $out; # not the guest's
}

my @begin = ('run-for 300ms', 'send "poke 1900 w t1 r\n"', 'run-for 99ms',
    'catch swap-add', 'continue', 'delete');
my $n = @questions;
my @out = answers([@begin, @questions, "save $save", 'run-for 50ms',
    'catch fault', 'continue', 'delete', @questions, "load $save", @questions,
    'run-for 50ms', 'catch fault', 'continue', 'delete', @questions]);
my @saved = splice @out, 0, $n;
my @left = splice @out, 0, $n;
my @loaded = splice @out, 0, $n;
isnt("@left", "@saved", 'the run goes on');
is($loaded[$_], $saved[$_],
    "$questions[$_]: the answer at the save") for 0 .. $n - 1;
is("@out", "@left", '... and the same future follows');
my @fresh = answers(\@questions, '--load', $save);
is($fresh[$_], $saved[$_],
    "$questions[$_]: the same in a fresh process") for 0 .. $n - 1;

my $cycle = $loaded[@ask];
my @events = @{json($loaded[3])};
is(scalar @events, 256, 'there are events');
cmp_ok($events[0]{cycle}, '<=', $cycle, 'no event of a time still to come');
my $page = json($loaded[4]);
ok($page->{used} && $page->{age_cycles} < $cycle, 'a frame was used in the past');
my ($grid, $hz) = ($page->{age_grid_cycles}, 1_000_000_000);
is($grid, $hz / 1000,
    'ages are rounded to a grid of a millisecond, which JSON names');
is(($cycle - $page->{age_cycles}) % $grid, 0,
    '... and the last use lies on a line of the grid');

# Events that came with a loaded machine stay known when it goes back.
my @again = answers(['mark here', @questions, 'run-for 50ms', 'goto here', @questions],
    '--load', $save);
is($again[ $n + $_ ], $again[$_],
    "$questions[$_]: the same after --load, a run and back") for 0 .. $n - 1;

# The past is no part of the hash.
my @one = answers([@begin, "save $save", 'hash']);
my @two = answers(['hash'], '--load', $save);
is($two[-1], $one[-1], 'the loaded machine has the same hash');

# A lesson undoes a reader's `run-for 50ms` at a question: the page asked about
# must not show a use in the time that was undone.
sub last_used {
    my ($answers) = @_;
    my ($status, $out) = run_command($answers, build() . '/clockhand', '--lesson', '7');
    return $out =~ /last used (\d+ ms ago)/g;
}
is(join(' ', last_used("\n\n\nrun-for 50ms\nc\n\n")),
    join(' ', last_used("\n\n\nc\n\n")),
        'a lesson\'s page shows no use that was undone');
done_testing;
