#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# After a load, the answers about the past must be those of the saved machine. They must
# not come from the run that the load ended (which would show events of a time still to
# come, or a use 18446744073661 ms ago), nor from the empty past of a fresh process.
use lib 'tests/lib';
use Clockhand;
use Pty;

my @machine = ('--ram', '8M', '--swap', '16M');
my $save = tmp('a.sav');
my @ask = ('info dram', 'why swap', 'why pgfault', 'info events 256', 'page 499',
    'page 343', 'why 499', 'why 343', 'page page.pfn');
my @questions = ((map { "json $_" } @ask), 'print cycle', 'print event.pfn', 'print event.pid');

sub answers {
    my ($lines, @options) = @_;
    my $file = spew(tmp('s.ch'), join "\n", @$lines, '');
    my ($out, $err) = succeeds("a script of @options", clockhand(@machine, @options, '-x', $file));
    return grep { /^(?:[{\[\d]|hash )/ } split /\n/, $out; # drops the guest's lines
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
isnt("@left", "@saved", 'the answers change while the run goes on');
is($loaded[$_], $saved[$_], "$questions[$_]: the answer at the save") for 0 .. $n - 1;
is("@out", "@left", '... and the same future follows');
my @fresh = answers(\@questions, '--load', $save);
is($fresh[$_], $saved[$_], "$questions[$_]: the same in a fresh process") for 0 .. $n - 1;

my $cycle = $loaded[@ask];
my @events = @{json($loaded[3])};
is(scalar @events, 256, 'there are events');
cmp_ok($events[0]{cycle}, '<=', $cycle, 'no event of a time still to come');
my $page = json($loaded[4]);
ok($page->{used} && $page->{age_cycles} < $cycle, 'a frame was used in the past');
my ($grid, $hz) = ($page->{age_grid_cycles}, 1_000_000_000);
is($grid, $hz / 1000, 'ages are rounded to a grid of a millisecond, which JSON names');
is(($cycle - $page->{age_cycles}) % $grid, 0, '... and the last use lies on a line of the grid');

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
    join(' ', last_used("\n\n\nc\n\n")), 'a lesson\'s page shows no use that was undone');

# If a load is refused half-way, the machine starts anew, and with it its profile and
# sums; its logs go on. (Once the profile had 2^64 cycles, and logs got no more rows.) The
# file's checksum is right: the damage shows only after its first half is loaded.
my $seal = spew(tmp('seal.c'), '#include <stdio.h>
#include <xxhash.h>
static char p[64 << 20];
int main(void)
{
    size_t n = fread(p, 1, sizeof p, stdin);
    XXH128_canonical_t sum;
    XXH128_canonicalFromHash(&sum, XXH3_128bits(p, n));
    return fwrite(p, 1, n, stdout) + fwrite(&sum, 1, 16, stdout) != n + 16;
}');
is(system('gcc', '-o', tmp('seal'), $seal, '-lxxhash'), 0, 'a tool that makes the checksum right');
my (undef, $sealed) = run_command(substr(slurp($save), 0, 0.6 * -s $save), tmp('seal'));
my $half = spew(tmp('half.sav'), $sealed);
my ($csv, $log) = (tmp('events.csv'), tmp('counters.csv'));
my $pty = Pty->start(24, 999, build() . '/clockhand', '--monitor', @machine, '--events',
    $csv, '--counters', $log);
my $out = '';
for ('run-for 300ms', 'profile on', 'run-for 9ms', "load $half", 'json info events 9',
    'json info profile', 'run-for 400ms', 'json why pgfault', 'quit') {
    $out .= $pty->expect(qr/\(clockhand\) \z/, 20) // '';
    $pty->send("$_\n");
}
$pty->finish;
$out =~ s/\r|\e\[\?2004[hl]//g;
my ($events, $profile, $why) = map { json($_) } $out =~ /^([{\[].*[}\]])$/mg;
is_deeply($events, [], 'a refused load: no event from before the load remains') or diag($out);
cmp_ok($profile->{profiled}, '<=', $profile->{cycles}, '... the profile has no cycles from before it');
is($why->{total}, $why->{value}, '... the events of pgfault agree with its counter');
cmp_ok($why->{value}, '>', 50, '... and the machine, begun anew, counts');
like(slurp($csv), qr/load-refused.*\n(?:.*\n){99}/, '... --events goes on after load-refused');
cmp_ok(scalar(() = slurp($log) =~ /^\d/mg), '>', 60, '... as does --counters');

# After a reboot, too, the kernel's counters are 0 again.
my @reset = answers(['console off', 'expect "# " 60s', 'mark before', 'json why pgfault',
    'send "hog 12M 0; reboot -f\n"', 'run-for 12s', 'json why pgfault', 'json why pswpout',
    'json info belief', 'goto before', 'json why pgfault'], '--ram', '8M');
my @why = map { json($_) } grep { /"kind":"counter"/ } @reset;
for (@why) {
    is($_->{total} + $_->{before_events}, $_->{value}, "$_->{counter}: the events add up to the counter");
    is($_->{known}, $_->{total}, '... and all of them are known');
}
is($why[2]{value}, 0, 'a reboot: no page was swapped since');
is($why[3]{value}, $why[0]{value}, '... going back to before it restores the count');
my ($belief) = map { json($_) } grep { /"victims"/ } @reset;
is($belief->{victims}, 0, '... no page was evicted since the reboot');

# A reset writes all memory, but is neither a use of a frame nor a write by a device.
my $ask = spew(tmp('reset.ch'), join "\n", 'console off', 'expect "# " 60s',
    'send "reboot -f\n"', 'run-for 3s', 'last-write pfn:1200', 'goto now',
    'first-touch 1200', '');
my ($status, $said, $err) = clockhand(@machine, '-x', $ask);
like($said, qr/written by the machine's reset/, 'last-write of a free frame: the reset')
    or diag($err);
like($err, qr/first-touch: nothing of the kind/, '... which nobody has touched');
done_testing;
