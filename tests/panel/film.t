#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# `record FILE` films the panel without a display. The film has the right size, pictures
# and length (by ffprobe); its pictures do not depend on how the run is cut. Messages
# report an ffmpeg that is missing or ends early, and a file that cannot be written.
use lib 'tests/lib';
use Clockhand;
use PanelPicture;

my $b = build();
my $path = $ENV{PATH};
sub script { return clockhand('-x', spew(tmp('s.ch'), join("\n", @_, ''))) }
my $film = tmp('f.mp4');

# ---- without ffmpeg ----
{
    mkdir tmp('none');
    local $ENV{PATH} = tmp('none');
    my ($status, undef, $err) = do {
        my $run = "/usr/bin/timeout 100 $b/clockhand -x "
            . spew(tmp('s.ch'), "record $film\nrun-for 1ms\n") . ' 2>&1 >/dev/null </dev/null';
        my $said = qx($run);
        ($? >> 8, undef, $said);
    };
    is($status, 2, 'no ffmpeg: status 2');
    like($err, qr/\Aclockhand: \S+s\.ch:1: record: ffmpeg: No such file.*\n\z/, '... in one line');
}
refuses([], ['record ' . tmp('nowhere/f.mp4'), qr/nowhere.*cannot be written: No such file/],
    ['record', qr/a file is missing/], ["record $film 0", qr/the interval is 0 cycles/],
    ["record $film 5xs", qr/malformed number/], ["record $film 5ms more", qr/unexpected 'more'/],
    ['record off', qr/nothing is recorded/]);

# ---- with a fake ffmpeg: the pictures that it is given ----
mkdir tmp('bin');
my $ffmpeg = tmp('bin/ffmpeg');
sub pretend { spew($ffmpeg, "#!/bin/sh\n$_[0]\n"); chmod 0755, $ffmpeg }
my @busy = ('run-for 60ms', 'send "/tests/pressure private 14000\n"', "record $film 20ms",
    'run-for 400ms', 'record off', 'run-for 10ms', 'hash');
my $bytes = 1280 * 800 * 4;
{
    local $ENV{PATH} = tmp('bin') . ":$path";
    pretend('exec cat > "' . tmp('raw') . '"');
    my ($s, $out, $e) = script(@busy);
    is($s, 0, 'pictures for ffmpeg') or diag($e);
    my ($hash) = $out =~ /^hash (\w+)/m;
    my $raw = slurp(tmp('raw'));
    is(length($raw), 20 * $bytes, 'twenty pictures: 60, 80 ... 440 ms');
    isnt(substr($raw, 0, $bytes), substr($raw, -$bytes), '... which change');
    ($s, $out, $e) = script((map { $_ eq 'run-for 400ms' ? ('run-for 37ms', 'stepi 1000') : $_ }
            @busy[0 .. 2]), ('run-for 7ms') x 20, 'run-until cycle >= 460000000', @busy[4 .. 6]);
    ok(slurp(tmp('raw')) eq $raw, 'the same pictures however the run is cut') or diag($e);
    ($s, $out, $e) = script(@busy[0, 1], 'run-until every 20ms cycle >= 440000000',
        'screenshot ' . tmp('last.png'));
    my @rows = map { my ($r, $f) = ($_, substr $raw, 4 * 1280 * $_ - $bytes, 4 * 1280);
        (picture(tmp('last.png'))->{rows}[$r] eq join '', map { scalar reverse substr $_, 0, 3 }
            unpack '(a4)*', $f) ? () : $r } 620 .. 720;
    is("@rows", '', 'the last picture has the lanes of a screenshot of that moment');
    (undef, $out) = script(grep { !/record/ } @busy);
    is(($out =~ /^hash (\w+)/m)[0], $hash, 'filming changes nothing');
    ($s, $out, $e) = script(@busy[0 .. 3], 'goto -100ms', 'goto -10ms', 'goto 455000000',
        'record off');
    is($s, 0, 'a machine that goes back in time') or diag($e);
    ok(slurp(tmp('raw')) eq $raw, '... is not filmed twice');

    pretend('head -c 5000000 >/dev/null; kill -9 $$');
    ($s, $out, $e) = script(@busy[0 .. 3], 'echo on');
    is("$s $e", "2 clockhand: $film: record: ffmpeg was ended by signal 9\n",
        'ffmpeg is killed: status 2, one line');
    like($out, qr/^on$/m, '... and the run goes on to its end');
    pretend('exit 7');
    ($s, $out, $e) = script(@busy[0 .. 4]);
    like("$s $e", qr/^2 clockhand: \S+: record: ffmpeg has failed \(status 7\)\n\z/,
        'ffmpeg fails at once');
    pretend('exec cat >/dev/null');
    ($s, $out, $e) = script("record $film", 'record again.mp4');
    like("$s $e", qr/^2 .*record: writing \S+; record off ends it\n\z/, 'only one film at a time');
}

# ---- with the real ffmpeg ----
SKIP: {
    system('command -v ffmpeg ffprobe >/dev/null') == 0
        or skip('ffmpeg is not installed', 5);
    my ($s, $out, $e) = script(@busy);
    is("$s $e", '0 ', 'record, with ffmpeg');
    my %is = map { /(\w+)=(\S+)/ } split /\n/, qx(ffprobe -v error -count_frames \\
        -show_entries stream=width,height,nb_read_frames,duration -of default=nw=1 "$film");
    is("$is{width}x$is{height}", '1280x800', '... the size of the panel');
    is($is{nb_read_frames}, 20, '... twenty pictures');
    cmp_ok(abs($is{duration} - 20 / 25), '<', .001, '... which last 0.8 s');
    # A film without `record off`: SIGINT ends the run and the film.
    my $pid = fork // die;
    if (!$pid) {
        open STDOUT, '>', tmp('on') or die;
        exec "$b/clockhand", '-x', spew(tmp('i.ch'), join "\n", "record $film", 'run-for 50ms',
            'send "echo started\n"', 'expect "started" 1s', 'echo on', 'pace 1', 'run-for 100s', '')
            or die;
    }
    for (1 .. 300) { last if slurp(tmp('on')) =~ /^on$/m; select undef, undef, undef, .1 }
    kill 'INT', $pid;
    waitpid $pid, 0;
    my $frames = qx(ffprobe -v error -count_frames -show_entries stream=nb_read_frames \\
        -of default=nw=1:nk=1 "$film" 2>&1);
    like($frames, qr/^\d+\n?\z/, 'Ctrl-C: the film is whole');
}
done_testing();
