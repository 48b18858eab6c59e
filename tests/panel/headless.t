#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Without a display, --panel runs on the terminal and leaves a picture. The picture is
# taken where the script asks for it, not at the script's end; with --run, before the
# program's memory is freed. The last error line names the picture's file.
use lib 'tests/lib';
use Clockhand;
use PanelPicture;

delete @ENV{qw(DISPLAY WAYLAND_DISPLAY XDG_RUNTIME_DIR SDL_VIDEODRIVER)};
my $said = qr/\Aclockhand: no window: no display \([^\n]*\); running on the terminal, with a picture of the panel\n/;
my $colours = kind_colours();

sub kinds {
    my ($p, %n) = shift;
    for my $pfn (0 .. 4095) {
        my $c = cell_at($p, $pfn);
        $n{$_} += grep { $_ eq $c } @{ $colours->{$_} } for keys %$colours;
    }
    return \%n;
}
# ---- the story of `make run`: its picture, taken under pressure ---------------
my $png = tmp('story.png');
my @story = ('-x', 'tools/experiments/pressure.ch', '--hash');
my ($status, $out, $err) = clockhand('--panel', @story, '--screenshot', $png);
is($status, 0, 'the story runs without a display');
like($err, $said, '... and the program says so');
like($err, qr/^clockhand: a picture of the panel is in \Q$png\E\n\z/m,
    'the last line says where the picture is');
unlike($err, qr/XDG/, 'no library complains');
is($err =~ tr/\n//, 3, 'there are no other lines but the hash') or diag($err);
my ($hash) = $err =~ /^hash (\w+)$/m;
my $p = picture($png);
my $n = kinds($p);
cmp_ok($n->{free} // 0, '<', 400, 'the picture shows memory full');
cmp_ok($n->{anonymous}, '>', 1000, '... of the program');
cmp_ok($n->{'swap-cache'}, '>', 0, '... some of it on its way to swap');
like(caption($p), qr/swap-out .*frame \d+/, '... and the card says what just happened');
my ($frame) = caption($p) =~ /frame (\d+)/;
is(open_tab($p), 'Event', '... which is drawn:');
my $drawn = join "\n", tab_lines($p);
like($drawn =~ tr/,//dr, qr/\bout to slot (\d+)\n(?:.*\n)*$frame\n(?:.*\n)*swap slot \1$/,
    '... the page, the frame and the slot');
ok((grep { $_->{text} =~ /^frame / && $_->{text} =~ tr/,//dr =~ /\b$frame\b/ } texts($p)),
    '... and a label on the map names the frame');
my (undef, undef, $plain) = clockhand(@story);
like($plain, qr/^hash \Q$hash\E$/m, 'the machine ends the same without a panel');

# ---- a name for the picture -------------------------------------------------------
my $here = qx(pwd);
chomp $here;
my $build = build() =~ m{^/} ? build() : "$here/" . build();
($status, $out, $err) = run_command('', 'sh', '-c', 'cd "$1" && shift && exec "$@"',
    'sh', tmp(), "$build/clockhand", '--panel', '--run', 'echo good');
is("$status $out", "0 good\n", 'a program runs');
like($err, qr/^clockhand: a picture of the panel is in panel.png\n\z/m, 'panel.png unless named');
ok(-s tmp('panel.png'), '... and it is there');

# ---- --run --screenshot ---------------------------------------------------------------
$png = tmp('run.png');
($status, $out, $err) = clockhand('--run',
    'x=$(seq 1 40000); echo "$x" | tail -2; echo oops >&2',
    '--screenshot', $png);
is("$status $out", "0 39999\n40000\n", 'a program prints');
is($err, "oops\nclockhand: a picture of the panel is in $png\n",
    'standard error has the program\'s line, then the picture\'s name');
$p = picture($png);
$n = kinds($p);
cmp_ok($n->{anonymous} + $n->{'cow-shared'}, '>', 50, 'its memory is still there');
is(mode($p), 'RUN', '... while the machine runs');
ok((grep { /^sh \d+ .*runs/ } pane_lines($p, 'ADDRESS SPACES')), '... and the process is listed');

(undef, undef, $err) = clockhand('--run', 'printf "output, and "; echo oops >&2', '--panel=term');
like($err, qr/^output, and oops *$/m, 'the console of --panel=term shows output and complaints');

# ---- the verb screenshot without --screenshot; files that cannot be written -----------
($status, $out, $err) = clockhand('-x', spew(tmp('quiet.ch'), "screenshot\n"));
is("$status$out$err", '0', 'the verb screenshot without a name or --screenshot does nothing');
($status, $out, $err) = clockhand('--screenshot', tmp('no/such/dir.png'), '-x', tmp('quiet.ch'));
is($status, 2, 'a picture that cannot be written');
like($err, qr/^clockhand: [^\n]*dir.png: cannot be written: [^\n]*\n\z/, '... is an error');
($status, $out, $err) = clockhand('--screenshot', '/dev/full', '-x', tmp('quiet.ch'));
is($status, 2, 'a full disk');
like($err, qr/^[^\n]*quiet.ch:1: screenshot: [^\n]*full: [^\n]*\n\z/, '... is an error, once');
done_testing();
