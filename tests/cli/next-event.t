#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# next-event runs to the next kernel event that is worth showing: each fork, exec, exit, illegal fault
# and OOM kill, and of other reasons the first three after such an event or a caption.
use lib 'tests/lib';
use Clockhand;

sub script {
    my ($status, $out, $err) = clockhand('-x', spew(tmp('next.ch'), join "\n", @_, ''));
    is($status, 0, 'the script ends well') or diag($err);
    return grep { /^[\[{]/ } split /\n/, $out;
}
my @boot = ('expect "# " 60s', 'console off');

# A shell starts two programs; @word has the event's word at each stop.
my @word = map { /"stop":"catch".*"text":"([a-z -]+):/ ? $1 : () }
    script(@boot, 'send "ls / | cat\n"', ('json next-event') x 25);
is(scalar @word, 25, 'each stops at an event and tells it');
is($word[0], 'fork', 'the shell forks');
ok((grep { $_ eq 'copy on write' } @word), 'a write after the fork copies');
ok((grep { $_ eq 'exec' } @word), 'the child begins its program');
my ($most, $n, $last) = (0, 0, '');
for (@word) {
    $n = $_ eq $last ? $n + 1 : 1;
    $last = $_;
    $most = $n if $n > $most;
}
cmp_ok($most, '<=', 3, 'no more than three events of one kind in a row');

# next-event stops at only three of the program's first writes to its many pages.
@word = map { /"text":"([a-z -]+):/ ? $1 : () }
    script(@boot, 'send "hog 1M 0\n"', 'next-event exec', ('json next-event') x 40);
my $exit = (grep { $word[$_] eq 'exit' } 0 .. $#word)[0] // @word;
is(scalar(grep { $_ eq 'demand zero' } @word[0 .. $exit - 1]), 3,
    'of 256 first writes three are shown');

# After a caption (a new part of a story) the same kind is shown again.
@word = map { /"text":"([a-z -]+):/ ? $1 : () }
    script(@boot, 'send "hog 1M 0\n"', 'next-event exec', ('json next-event') x 12,
    'caption "Another part begins"', ('json next-event') x 4);
cmp_ok(scalar(grep { $_ eq 'demand zero' } @word), '>', 3, 'after a caption they are shown again');

# In the machine's past, next-event has no limit of three: it stops at the same events as previous-event.
my @way = script(@boot, 'mark here', 'send "hog 1M 0\n"', 'run-for 40ms', 'goto here',
    'next-event exec', map { ($_, 'json print cycle') } ('next-event') x 6, ('previous-event') x 5);
is_deeply([@way[6 .. 10]], [@way[4, 3, 2, 1, 0]], 'previous-event: the events of next-event, from the last');

# Numbered captions are the story's cards: `card back` goes to the moment of the card
# before, `card next` to that of the card after, and from the last card to the present.
# A branch puts the future aside, with its cards; `branch leave` brings future and cards back.
my @cycle = script(@boot, map { ($_, 'json print cycle') } 'caption "1 of 2. One. It begins."',
    "run-for 1ms\ncaption \"2 of 2. Two. It ends.\"", 'run-for 1ms', ('card back') x 2, ('card next') x 2,
    "card back\ncard back\nbranch\nrun-for 3ms\ncard back", "branch leave\ncard back");
is_deeply([@cycle[3 .. 8]], [@cycle[1, 0, 1, 2, 0, 1]], 'card back, card next, branch');

# next-event takes a word as catch does and leaves no catch behind. Without a word, it
# stops at the catches that were set before, and if there are any, at no other event.
my @said = script(@boot, 'send "ls /\n"', 'json next-event exit', 'json info breakpoints',
    'catch fork', 'send "ls /\n"', 'json next-event');
like($said[0], qr/"text":"(?:exit:|frame \d+: \S+ -> free)/, 'next-event exit');
is($said[1], '[]', 'no catch is left behind');
like($said[2], qr/"number":1,"text":"catch 1: fork:/, 'a catch that was set before is reported');
@said = script(@boot, 'catch stale', 'break proc_exit', 'send "ls /\n"', 'json next-event');
like($said[-1], qr/"number":2/, 'with catch stale set, next-event stops at no event, but at the breakpoint');

refuses([], ['card back', qr/^card: there is no card before this moment/],
    ['card next', qr/^card: no later card is known yet/],
    ['card sideways', qr/^card: sideways: next or back/],
    ['next-event stale', qr/^next-event: stale: not an event \(tcatch stale, then continue\)/],
    ['next-event cwo', qr/^next-event: cwo: no event, kind or reason; did you mean cow\?/]);
done_testing();
