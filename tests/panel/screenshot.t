#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# In a running guest's pictures (--screenshot, the verb `screenshot`) every cell has the
# colour of the state that `json page` gives, the picture changes when a frame
# does, and the walk pane shows the steps of step-walk. SOAK=1 looks at more moments.
use lib 'tests/lib';
use Clockhand;
use PanelPicture;

my $last = 4095;

# Stops a guest at work at some moments; returns their pictures, and puts the states
# of all frames into @pages.
my @pages;
sub moments {
    my ($theme, @times) = @_;
    my $script = '';
    for my $i (0 .. $#times) {
        my $png = tmp("$theme$i.png");
        $script .= "run-for $times[$i]ms\nscreenshot $png\necho MOMENT $i\n";
        $script .= "json page $_\n" for 0 .. $last;
    }
    my $file = spew(tmp('moments.ch'), $script);
    my $end = tmp('end.png');
    my ($status, $out, $err) = clockhand('--run',
        'for i in $(seq 40); do seq 1 2000 | sort -rn | tail -1; ls -lR /etc; done',
        '-x', $file, '--theme', $theme, '--screenshot', $end);
    is($status, 0, "$theme: the script ran") or diag($err);
    ok(-s $end, "$theme: --screenshot left a picture at exit");
    @pages = ();
    my $moment;
    for (split /\n/, $out) {
        if (/^MOMENT (\d+)/) { $moment = $1 }
        elsif (defined $moment
            && /^\{"pfn":(\d+),"pa":"\w+","state":"([\w-]+)"/) {
            $pages[$moment][$1] = $2;
        }
    }
    is(scalar @pages, scalar @times, "$theme: all moments");
    return map { picture(tmp("$theme$_.png")) } 0 .. $#times;
}

my @times = $ENV{SOAK} ? (200, (10) x 10, (25) x 9) : (200, 10, 10, 25, 25, 25);
for my $theme ('dark', 'light') {
    my $colours = kind_colours($theme eq 'light');
    my @pictures = moments($theme, @times);
    my ($most, %kinds, @bad) = (0);
    for my $i (0 .. $#pictures) {
        my $p = $pictures[$i];
        my ($wrong, $other) = (0, 0);
        for my $pfn (0 .. $last) {
            my $state = $pages[$i][$pfn] // die "moment $i: no page $pfn";
            my $c = cell_at($p, $pfn);
            $kinds{$state}++;
            next if grep { $_ eq $c } @{ $colours->{$state} };
            # The colour of another kind is an error; a colour of no kind belongs
            # to something over the cell.
            (grep { my $k = $_; grep { $_ eq $c } @{ $colours->{$k} } } keys %$colours)
                ? $wrong++ : $other++;
            push @bad, "moment $i: $pfn $state $c" if @bad < 10;
        }
        is($wrong, 0, "$theme, moment $i: no cell has another state's colour");
        $most = $other if $other > $most;
    }
    cmp_ok($most, '<=', 160, "$theme: rings and labels cover few cells") or diag(join "\n", @bad);
    cmp_ok(scalar keys %kinds, '>=', 6, "$theme: six kinds at least");

    my ($changed, $unseen) = (0, 0);
    for my $i (1 .. $#pictures) {
        for my $pfn (0 .. $last) {
            next if $pages[$i - 1][$pfn] eq $pages[$i][$pfn];
            $changed++;
            $unseen++ if cell_at($pictures[$i - 1], $pfn) eq cell_at($pictures[$i], $pfn);
        }
    }
    cmp_ok($changed, '>', 100, "$theme: frames changed state between two moments");
    cmp_ok($unseen, '<', $changed / 50, '... and changed colour');
}

# ---- the walk pane ------------------------------------------------------------
my $script = "run-for 300ms\nstep-walk\n";
for my $i (1 .. 6) {
    my $png = tmp("walk$i.png");
    $script .= "json step-walk\nscreenshot $png\n";
}
my ($status, $out, $err) = clockhand('--run',
    'for i in $(seq 40); do seq 1 2000 | sort -rn | tail -1; done', '-x', spew(tmp('walk.ch'), $script));
is($status, 0, 'a walk was stepped') or diag($err);
my @said = map { json($_) } grep { /^\{/ } split /\n/, $out;
is(scalar @said, 6, 'six steps of walks') or diag($out);

# A level's column of the tree has the level's name, the table's address, the chosen
# entry's index and bits (set bits are bright), the memory that served the read, and its
# cycles. The next column begins with the next table's address, or has the frame.
sub column {
    my ($p, $name) = @_;
    my $top = text_box($p, qr/^$name$/) or return;
    my ($x, $y, $h) = @$top{qw(x y h)};
    return sort { $a->{y} <=> $b->{y} || $a->{x} <=> $b->{x} } grep {
        $_->{x} >= $x && $_->{x} < $x + 8 * $h && $_->{y} > $y && $_->{y} < $y + 10 * $h
    } texts($p);
}
sub level_column {
    my ($p, $level) = @_;
    my @in = column($p, "level $level") or return;
    my ($table, $index) = "@{[map { $_->{text} } @in]}" =~
        /^0x([0-9a-f]+) VPN\[$level\] (\d+) / or return;
    my ($next) = map { $_->{text} } column($p, 'level ' . ($level - 1));
    my ($frame) = map { $_->{text} =~ /^([\d,]+)$/ ? $1 =~ tr/,//dr : () } column($p, 'frame');
    my ($cycles) = map { $_->{text} =~ /^(\d+) cycles?$/ } @in;
    return { cycles => $cycles, pte_pa => hex($table) + 8 * $index,
             to => hex($next // 0) || defined $frame && 0x80000000 + 4096 * $frame,
             flags => join '', map { bright($p, $_) ? $_->{text} : '-' }
                 grep { $_->{text} =~ /^[DAGUXWRV]$/ } @in };
}

sub bright {
    my ($p, $t) = @_;
    my $most = 0; # over all pixels, the greatest min(red, green, blue)
    for my $y ($t->{y} .. $t->{y} + $t->{h} - 1) {
        for my $rgb (unpack '(a3)*', pixels($p, $t->{x}, $y, $t->{w})) {
            my ($least) = sort { $a <=> $b } unpack 'C3', $rgb;
            $most = $least if $least > $most;
        }
    }
    return $most > 150;
}

my ($compared, $png) = (0, 0);
for my $step (@said) {
    my $p = picture(tmp('walk' . ++$png . '.png'));
    next unless defined $step->{level} && defined $step->{pte_pa};
    my $line = level_column($p, $step->{level});
    ok($line, "step $png: its level is in the pane") or next;
    like(caption($p), qr/^walk, level $step->{level}:? the PTE at $step->{pte_pa} /,
        "step $png: and the caption tells of it");
    is(sprintf('%x', $line->{pte_pa}), sprintf('%x', oct $step->{pte_pa}),
        "step $png: the PTE's address");
    my $pte = oct $step->{pte};
    my $page = $pte & 14 ? 4096 * 512 ** $step->{level} : 4096; # no R, W, X: a table
    is(int $line->{to} / $page, int +(($pte >> 10 & ((1 << 44) - 1)) << 12) / $page,
        "step $png: where the PTE points") if $pte & 1;
    is($line->{flags}, $step->{flags} =~ /clear/ ? '--------' : $step->{flags}, "step $png: its bits");
    is($line->{cycles}, $step->{cycles}, "step $png: its cycles");
    $compared++;
}
cmp_ok($compared, '>=', 4, 'steps were compared with the pane');

# ---- free frames: one number ----------------------------------------------------
# A frame's state changes some instructions before or after the kernel's count. If
# the machine stops between, the legend and the bar still show the same number.
my @stops = map { ($_) x 4 } 'demand-zero', 'free', 'fork', 'alloc', 'exit';
$script = "run-for 300ms\n";
for my $i (0 .. $#stops) {
    my $shot = tmp("free$i.png");
    $script .= "tcatch $stops[$i]\ncontinue\nscreenshot $shot\n";
}
($status, $out, $err) = clockhand('--run',
    'for i in $(seq 40); do seq 1 2000 | sort -rn | tail -1; ls -lR /etc; done',
    '-x', spew(tmp('free.ch'), $script));
is($status, 0, 'stopped at twenty events') or diag($err);
for my $i (0 .. $#stops) {
    my $p = picture(tmp("free$i.png"));
    my ($bar) = bar($p) =~ /\bfree ([\d,]+) of/;
    my ($word) = grep { $_->{text} eq 'free' && $_->{y} > MAP_Y + 64 * CELL
        && $_->{x} < 100 } texts($p);
    my ($legend) = map { $_->{text} } sort { $a->{x} <=> $b->{x} }
        grep { $word && abs($_->{y} - $word->{y}) < 3 && $_->{x} > $word->{x} } texts($p);
    is($legend, $bar, "free at $stops[$i]: the legend has the bar's number");
}

# ---- one picture at a cycle -----------------------------------------------------
# However a run is cut, its picture at a cycle is the same. (Samples once lay where
# slices of the host's time ended, so two runs differed on the time axis.)
my %cut = (whole => '', often => "repeat 700\nrun-for 300us\nend\n",
    stepped => "run-for 150ms\nstepi 5000\nnext-event\nrun-for 20ms\n");
my %shot;
for my $how (sort keys %cut) {
    my $shot = tmp("$how.png");
    $script = spew(tmp('cut.ch'), "$cut{$how}run-until every 10ms cycle >= 250000000\n"
        . "screenshot $shot\nprint cycle\n");
    ($status, $out, $err) = clockhand('--run', 'seq 1 9000 | sort | tail -1', '-x', $script);
    is($status, 0, "the run '$how'") or diag($err);
    ($shot{$how}) = (slurp($shot) . " at cycle $out");
}
ok($shot{$_} eq $shot{whole}, "... has the picture of a run in one piece: $_")
    for 'often', 'stepped';

# ---- a fork ----------------------------------------------------------------------
# A fork has no frame; its drawing was once empty.
my $forks = tmp('forks.png');
($status, $out, $err) = clockhand('--run', 'for i in $(seq 40); do seq 1 2000 | sort -rn | tail -1; done', '-x',
    spew(tmp('fork.ch'), "run-for 300ms\ntcatch fork\ncontinue\nscreenshot $forks\n"));
is($status, 0, 'stopped at a fork') or diag($err);
like(join(' ', tab_lines(picture($forks))), qr/child \(\d+\)/, '... which is drawn');

# ---- a sleep is empty ---------------------------------------------------------------
# The events of the last step before a sleep were once drawn over the whole sleep.
my $naps = tmp('naps.png');
($status) = clockhand(qw(--ram 64M --timing fast --screenshot), $naps, '-x', spew(tmp('naps.ch'),
    qq(expect "# " 20s\nsend "for i in 1 2 3 4; do sleep 1; hog 4M; done\\n"\nrun-for 6s\n)));
is($status, 0, 'a guest that sleeps between bursts of faults');
# Returns the colours of `lane` (default: faults) from x to `to` (default: the right edge),
# with the number of pixels of each.
sub fault_colours {
    my ($p, $x, $to, $lane) = @_;
    my ($fault) = grep { $_->{text} eq ($lane // '1 fault') } texts($p);
    my %times;
    $times{ join ' ', map { ref $_ ? @$_ : $_ } pixel($p, $_, $fault->{y} + $fault->{h} / 2) }++
        for $x .. $to // $p->{w} - 20;
    return %times;
}
my $p = picture($naps);
my %seen = fault_colours($p, 100);
my ($most) = sort { $b <=> $a } values %seen;
my ($empty) = grep { $seen{$_} == $most } keys %seen;
cmp_ok($most, '>', .85 * ($p->{w} - 119), '... has an empty lane but for the bursts');
cmp_ok($most, '<', .99 * ($p->{w} - 119), '... which are seen');
ok(scalar(said($p, qr/exit hog \(\d+\)/)), 'a process that has ended keeps its name');
# When the samples' step doubled, the run's first samples were once dropped and a later one was kept.
my $boot = tmp('boot.png');
clockhand(qw(--ram 64M --timing fast --screenshot), $boot, '-x', spew(tmp('boot.ch'),
    qq(expect "# " 20s\nsend "while true; do sleep 1; done\\n"\nrun-for 300s\n)));
cmp_ok(scalar keys %{ { fault_colours(picture($boot), 85, undef, '6 disk') } }, '>', 1, 'the boot\'s use of the disk is seen five minutes later');
# A fault that ended a sleep and waited for a disk was once drawn over the sleep, too.
my $woken = tmp('woken.png');
clockhand(qw(--ram 8M --swap 32M --timing fast --screenshot), $woken, '-x', spew(tmp('woken.ch'),
    qq(run-for 5s\nsend "thrash\\n"\nrun-for 9s\n)));
my ($two, $four) = map { my $t = $_; map { $_->{x} } grep { $_->{text} eq $t } texts(picture($woken)) } '2 s', '4 s';
is(join(', ', keys %{ { fault_colours(picture($woken), $two + 40, $four) } }), $empty, 'nothing is drawn between 2 s and 4 s of a sleep of 5 s');
done_testing();
