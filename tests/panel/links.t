#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# In the real window, clicks lead from a frame to its process, its file's sector, its swap slot and
# its DRAM row, and back each time; also to the instruction that wrote the frame, its pte or a counter.
use lib 'tests/lib';
use Time::HiRes qw(sleep);
use Clockhand;
use Desktop;
use PanelPicture;

# The hog and its children are stopped while their pages go to swap and come back. From then on nothing changes, so
# that it does not matter when the machine halts.
my @run = ('--run', 'for i in $(seq 6); do seq 1 2000 | sort -rn | tail -1; ls -lR /etc; done '
    . '>/dev/null; hog 13M & sleep 0.6; killall -STOP hog; sleep 999');
desktop('1400x880');
open my $nothing, '<', '/dev/null' or die;
# Swap is so small that a cell of its strip is one slot.
start_panel($nothing, [], '--pace', '4', '--swap', '16M', @run);
find_window();
until_true('a guest short of memory', 60, sub { look()->{cycle} > 2e9 });
key('space');
until_true('halts', 10, sub { is_mode('HALT') });
my $now = look();
my $colours = kind_colours();

sub click_at {
    my ($x, $y, $button) = (@_, 1);
    move_to($x, $y);
    sleep .1;
    return xdo("click $button");
}
# Clicks frames of a kind until FRAME has a line like $re; returns the frame's number.
sub select_frame_with {
    my ($kind, $re, $without) = @_;
    my %is = map { $_ => 1 } @{ $colours->{$kind} };
    my @of = grep { $is{ cell_at($now, $_) } } 0 .. 4095;
    for my $pfn (@of[ map { $_ * $#of / 12 } 0 .. 12 ]) {
        my ($x, $y) = place($pfn);
        click_at(MAP_X + CELL * $x + CELL / 2, MAP_Y + CELL * $y + CELL / 2);
        until_true("frame $pfn, $kind, is selected", 10,
            sub { frame_has(qr/^FRAME $pfn\b.*selected/) });
        return $pfn if frame_has($re) && !($without && frame_has($without));
        xdo('click 1'); # deselects it
        until_true('... and is let go', 10, sub { !frame_has(qr/^FRAME $pfn\b.*selected/) });
    }
    fail("no frame of $kind with $re");
    return -1;
}
# Returns the bar's words for the frames that are lit, '' for none.
sub lit { return bar(look()) =~ /\blit (.*?)(?: [\d,]+ frames?.*)? \? keys/ ? $1 : '' }
sub back {
    my ($to, $test) = @_;
    ok(click_on(qr/^Backspace$/), 'Backspace, the way back, is shown, and is clicked');
    until_true("... which leads $to", 10, $test);
}

# ---- a page of a file ----------------------------------------------------------
my $pfn = select_frame_with('file-clean', qr/file on vda sector/);
my ($sector) = map { /sector ([\d,]+)/ } frame_has(qr/vda sector/);
click_on(qr/^vda sector/);
until_true('the sector on its disk', 10,
    sub { tab_has(qr/^sector $sector holds the page of frame $pfn, too/) });
like(lit(), qr/^inode \d+$/, '... and the frames of its file are lit');
back('to the frame alone', sub { lit() eq '' });
ok(!tab_has(qr/^sector/), '... and to the tab shown before');

# ---- the DRAM's row ------------------------------------------------------------
my ($bank, $row) = map { /bank (\d+), row (0x\w+)/ } frame_has(qr/^DRAM bank/);
click_on(qr/^bank $bank, row/);
until_true('its row of the DRAM', 10, sub { lit() eq "bank $bank row $row" });
ok(tab_has(qr/bank $bank\b/), '... and the tab of the banks');
click_on(qr/^bank @{[ ($bank + 1) % 16 ]}$/);
until_true('a bank leads to the frames in it', 10,
    sub { lit() =~ /^bank @{[ ($bank + 1) % 16 ]}\b/ });
back('to the row', sub { lit() eq "bank $bank row $row" });
key('BackSpace');
until_true('the key leads back, too: nothing is lit', 10, sub { lit() eq '' });

# ---- its process ---------------------------------------------------------------
$pfn = select_frame_with('anonymous', qr/ 0x\w+ D A G/);
my ($pid) = map { /\((\d+)\) 0x/ } frame_has(qr/\(\d+\) 0x\w+ D A G/);
click_on(qr/\($pid\)$/);
until_true('the entry leads to its process', 10, sub { lit() eq "pid $pid" });
back('back', sub { lit() eq '' });

# ---- its slot ------------------------------------------------------------------
$pfn = select_frame_with('swap-cache', qr/swap slot/);
my ($slot) = map { /slot ([\d,]+)/ } frame_has(qr/swap slot/);
my $look = look();
my $strip = text_box($look, qr/^SWAP$/);
# Returns [x, y] of each pixel of the swap strip that has this colour.
sub in_strip {
    my ($p, $colour) = @_;
    return map { my $y = $_; map { [ $_, $y ] } grep { pixel($p, $_, $y) eq $colour }
        $strip->{x} - 2 .. $strip->{x} + 46 } $strip->{y} + 16 .. $strip->{y} + 64 * CELL - 60;
}
# Returns a coordinate of the ring's middle. The strip has several columns, and in
# another column a click would hit another slot.
sub middle {
    my ($coordinate, @at) = @_;
    my @sorted = sort { $a <=> $b } map { $_->[$coordinate] } @at;
    return ($sorted[0] + $sorted[-1]) / 2;
}
my @ring = in_strip($look, accent($look));
cmp_ok(scalar @ring, '>', 10, 'its slot has a ring in the strip');
key('Escape');
until_true('the frame is let go', 10, sub { !frame_has(qr/selected/) });
click_at(middle(0, @ring), middle(1, @ring));
until_true("a click there leads to slot $slot", 10, sub { lit() eq 'slot ' . ($slot =~ tr/,//dr) });
until_true('... and to its frame', 10, sub { frame_has(qr/^FRAME $pfn\b.*selected/) });
back('to no frame', sub { !frame_has(qr/selected/) && lit() eq '' });

# A click on a swap slot with the only copy of a page selects the slot. FRAME then names
# the page's owner by the page tables, and a click there leads to the process.
my ($bright) = in_strip(look(), $colours->{'swap-cache'}[0]);
click_at($bright->[0] + 1, $bright->[1] + 1);
until_true('a click on the only copy of a page leads to its slot', 10,
    sub { frame_has(qr/^FRAME swap slot [\d,]+ selected/) && lit() =~ /^slot \d+$/ });
my ($whose, $out) = map { /^(\w+) \((\d+)\)/ } frame_has(qr/^\w+ \(\d+\) 0x[0-9a-f]+000$/);
ok($out, '... with the process and the address of the page') or BAIL_OUT('no owner');
click_on(qr/^$whose \($out\)$/);
until_true('... and on to its process', 10, sub { lit() eq "pid $out" });
back('to the slot', sub { frame_has(qr/^FRAME swap slot/) });
key('Escape');
until_true('Escape lets the slot go', 10, sub { !frame_has(qr/selected/) && lit() eq '' });

# Returns the colour of the ring, which the card's left edge has, too.
sub accent { my $p = shift; return pixel($p, text_box($p, qr/^FRAME$/)->{x} - 5, 35) }

# ---- the last write ------------------------------------------------------------
sub asked_of {
    my ($what, $box) = @_;
    click_at($box->{x} + $box->{w} / 2, $box->{y} + $box->{h} / 2, 3);
    until_true("$what: the machine goes back to what wrote it", 20,
        sub { is_mode('PAST') && caption(look()) !~ /on the way/ });
    my $p;
    until_true('... and the card names the instruction, its function and its line', 10,
        sub { caption($p = look()) =~
            /written.* by 0x\w+ <[\w.]+(?:\+0x\w+)?> \S+ \S+, \w+\.[cSh]:\d+/ });
    cmp_ok($p->{cycle}, '<', $now->{cycle}, '... earlier');
    back('to the present', sub { look()->{cycle} == $now->{cycle} });
    is(mode(look()), 'HALT', '... where it stood');
}
# (If the hand has cleared the mark of use, the walker has written the entry since. The shell's
# program has no line table.)
$pfn = select_frame_with('anonymous', qr/^hog \(\d+\) 0x\w+ D A G/, qr/ref-cleared/);
asked_of('a page table entry', text_box(look(), qr/\(\d+\)$/));
asked_of('a frame', text_box(look(), qr/^, of \w+ \(pid/));
key('C');
until_true('counters', 10, sub { tab_has(qr/pgfault/) });
asked_of('a counter', text_box(look(), qr/^pgfault$/));
done_testing;
