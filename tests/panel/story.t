#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# In the real window a script's numbered captions are cards. Each step runs to its end;
# then the machine stands until the reader goes on. The reader can go back to the cards
# before; going on undoes what the reader has run meanwhile.
use lib 'tests/lib';
use Time::HiRes qw(sleep);
use Clockhand;
use Desktop;
use PanelPicture;

my $script = spew(tmp('story.ch'), <<'END');
expect "# " 60s
send "sleep 2; hog 64K 0\n"
caption "1 of 3. It writes. A program writes 16 pages" page-in
expect "hog: wrote" 60s
caption "2 of 3. It sleeps. Nothing happens"
expect "# " 60s
send "sleep 2; echo a$((1+1))b\n"
expect "a2b" 60s
caption "3 of 3. It ends. The shell prints"
expect "# " 60s
send "echo c$((1+1))d\n"
expect "c2d" 60s
expect "# " 60s
caption "Now try. Type a command"
END
# ---- an event that came after the card -------------------------------------------
my $png = tmp('shown.png');
sub shown {
    clockhand('-x', spew(tmp('shown.ch'), join "\n", 'expect "# " 60s', @_, "screenshot $png", ''));
    return picture($png);
}
my $card = 'caption "1 of 1. Old. A card"';
like(caption(shown($card, 'send "ls\n"', 'catch fork', 'continue', 'goto -1', 'goto now')), qr/^fork/,
    'back at the present: the event, not an older card');
ok((grep { /No event/ } tab_lines(shown('run-for 1ms', "$card swap-out", 'run-for 1ms'))),
    'beside a card no event is drawn that came before it');
my $claim = 'claim "a" "b" 1 "%d measured", 7';
is(said(shown($card, $claim), qr/7 measured/), 1, 'a card tells what was measured in its step');
my @other = ('run-for 2ms', 'goto -3ms', 'branch', 'run-for 6ms');
is(said(shown($card, 'run-for 2ms', $claim, @other), qr/7 measured/), 0, '... not what was measured in a future that a branch has left');
is(said(shown(($card) x 32, $claim, $card, 'run-for 1ms'), qr/7 measured/), 0,
    '... nor what was measured in the step before, if the oldest card is dropped');

desktop('1400x880');
open my $nothing, '<', '/dev/null' or die;
start_panel($nothing, [], '--pace', '1', '-x', $script);
find_window();

sub card {
    my ($re, $mode) = @_;
    my $p = look();
    return caption($p) =~ $re && mode($p) =~ ($mode // qr{.}) ? $p : 0;
}
sub waits { return grep { /\bnext: Enter$/ } lines($_[0], card_box($_[0])) }
sub cycle_is { my $cycle = shift; return look()->{cycle} == $cycle }

# ---- each step runs, then waits ------------------------------------------------
my $p = until_true('card 1 while its step runs', 60, sub { card(qr/^1 of 3 It writes A program/, 'RUN') });
ok(!waits($p), '... with nothing to press for the next');
key('Return'); # a note says that the step still runs; both end together
$p = until_true('at its end the machine stands', 30, sub { card(qr/^1 of 3 /, 'HALT') });
ok(waits($p), '... and says which key goes on');
like(hints($p), qr/^Enter the story goes on/, '... as do the hints');
ok((grep { /4 KiB from disk/ } tab_lines($p)), '... beside the event that the card tells of, not the latest');
my $end1 = $p->{cycle};
sleep .5;
ok(cycle_is($end1), '... and waits');
key('Return');
until_true('Enter: card 2', 10, sub { card(qr/^2 of 3 It sleeps Nothing/, 'RUN') });
$p = until_true('... which waits in its turn', 30, sub { card(qr/^2 of 3 /, 'HALT') });
my $end2 = $p->{cycle};
cmp_ok($end2, '>', $end1, '... later');

# ---- the cards before ------------------------------------------------------------
key('p');
until_true('p: where card 1 ended', 20, sub { card(qr/^1 of 3 .*the past: after/, 'PAST') && cycle_is($end1) });
$p = look();
ok((grep { /4 KiB from disk/ } tab_lines($p)), '... with its drawing');
my ($pfn) = map { /^FRAME (\d+)/ } pane_lines($p, 'FRAME');
my ($column, $row) = place($pfn);
move_to(MAP_X + CELL * $column + CELL / 2, MAP_Y + CELL * $row + CELL / 2);
key('y');
until_true('y at the event\'s frame: the card tells who wrote it', 20, sub { card(qr/^pfn:$pfn written: by/, 'PAST') });
ok(frame_has(qr/^FRAME $pfn\b.*selected/), '... and the frame is selected');
move_to(1390, 870);
key('p');
$p = until_true('p again: where card 1 was told', 20,
    sub { card(qr/^1 of 3 It writes the past: within this step /, 'PAST') });
my $begin1 = $p->{cycle};
cmp_ok($begin1, '<', $end1, '... before that card\'s end');
ok(waits($p), '... and Enter leads on');
unlike(hints($p), qr/p back/, '... but p to no card before it');
key('p');
until_true('p at the first card: there is none before', 10, sub { card(qr/no card before/) });
ok(cycle_is($begin1), '... and the machine stays');
key('period');
until_true('. goes an event ahead, in card 1', 20, sub {
    my $p = card(qr/^1 of 3 It writes the past: within this step /, 'PAST');
    $p && $p->{cycle} > $begin1 && $p->{cycle} < $end1 });
key('p');
until_true('p: to the beginning of card 1', 20, sub { cycle_is($begin1) });
key('Return');
until_true('Enter: the end of card 1', 20, sub { card(qr/^1 of 3 .*the past/, 'PAST') && cycle_is($end1) });
key('Return');
until_true('Enter: the present, which waits', 20,
    sub { my $p = card(qr/^2 of 3 It sleeps Nothing/, 'HALT'); $p && waits($p) && cycle_is($end2) });

# ---- what the reader runs meanwhile ------------------------------------------------
key('c');
type('echo b$((2+2))c');
key('Return');
key('F10');
key('space');
until_true('the reader types a command, which runs', 20, sub { console_has(qr/^b4c/) });
key('space');
until_true('... and halts', 10, sub { is_mode('HALT') });
cmp_ok(look()->{cycle}, '>', $end2, '... later');
ok(click_on(qr/^next:$/), 'a click on the button goes on');
$p = until_true('card 3', 20, sub { card(qr/^3 of 3 It ends The shell/) });
until_true('... after what the script typed', 20, sub { console_has(qr/^c2d/) });
ok(!console_has(qr/b4c/), '... and what the reader ran is undone');

# ---- the end -------------------------------------------------------------------------
until_true('the last card waits, too', 20, sub { card(qr/^3 of 3 /, 'HALT') });
key('p');
until_true('p: to where card 3 was told; going on has kept this past', 20, sub { cycle_is($end2) });
key('p');
until_true('... to where card 2 was told', 20, sub { cycle_is($end1) });
key('End');
until_true('End: the last card', 20, sub { card(qr/^3 of 3 /, 'HALT') });
key('Return');
until_true('Enter: the card "Now try"', 20, sub { card(qr/^Now try Type a command/, 'HALT') });
until_true('it is the reader\'s turn: the console is open and has the keys', 10, sub {
    my $p = look();
    open_tab($p) eq 'Console' && hints($p) =~ /^Esc back to the panel's keys/ });
like(caption(look()), qr/^Now try Type a command/, '... beside the last card');
type('echo d$((3+3))e');
key('Return');
until_true('... which the guest gets', 20, sub { console_has(qr/^d6e/) });
key('Escape');
key('p');
until_true('Escape and p: the card before it', 20, sub { card(qr/^3 of 3 .*the past/, 'PAST') });
key('Return');
until_true('Enter: the present, beside the last card', 20, sub { card(qr/^Now try Type/, 'HALT') });
key('comma');
until_true('an event back', 20, sub { is_mode('PAST') });
key('End');
until_true('End: the last card again, for nothing has run', 20, sub { card(qr/^Now try Type/, 'HALT') });
key('period');
until_true('an event after it ends the story', 20, sub { caption(look()) !~ /^Now try/ });
key('p');
until_true('... but p goes back into it', 20, sub { card(qr/^Now try .*the past/, 'PAST') });
key('p');
until_true('... and to the card before', 20, sub { card(qr/^3 of 3 .*the past/, 'PAST') });
key('Return');
until_true('... Enter to the last card', 20, sub { card(qr/^Now try .*the past/, 'PAST') });
key('Return');
until_true('... and to the present, where that event is the news', 20,
    sub { !card(qr/^Now try/) && is_mode('HALT') });
closes('at the end');
done_testing();
