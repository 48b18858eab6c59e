# SPDX-License-Identifier: MIT
# Starts Xvfb (an X server whose screen is in memory), with or without a window manager, and
# the panel's window on it. Tests drive the window with xdotool. They see it in the PNG files that
# F12 writes, each with a list of its texts, or in the server's framebuffer file.
package Desktop;
use Cwd qw(abs_path);
use Exporter 'import';
use Fcntl;
use File::Temp qw(tempdir);
use IO::Socket::UNIX;
use Time::HiRes qw(sleep time);
use Clockhand;
use PanelPicture;
our @EXPORT = qw(desktop desktop_end manager start_panel panel_gone find_window
                 xdo key type until_true look on_screen shows console_has
                 frame_has is_mode tab_has move_to click_on screen_place
                 close_window closes scratch geometry);

my ($xvfb, $manager, $panel, $window, $display, $latest);
my $dir = tempdir(CLEANUP => 1);
my $program = abs_path(build() . '/clockhand');

sub scratch { return "$dir/" . (shift // '') }

sub stop {
    my $pid = shift or return;
    kill TERM => $pid;
    waitpid $pid, 0;
    return;
}

sub desktop_end {
    stop($_) for $panel, $manager, $xvfb;
    ($panel, $manager, $xvfb) = ();
    return;
}
END { my $status = $?; desktop_end(); $? = $status }

# Starts an X server with a screen of this size (WxH).
sub desktop {
    my $size = shift;
    pipe my $number, my $to_us or die;
    $xvfb = fork // die;
    if (!$xvfb) {
        open STDOUT, '>', '/dev/null';
        open STDERR, '>', '/dev/null';
        fcntl $to_us, F_SETFD, 0;
        exec 'Xvfb', '-displayfd', fileno $to_us, '-screen', '0',
            "${size}x24", '-fbdir', $dir, '-nolisten', 'tcp', '-noreset' or exit 127;
    }
    close $to_us;
    $display = <$number>;
    defined $display or die 'Xvfb did not start';
    chomp $display;
    delete @ENV{qw(WAYLAND_DISPLAY XDG_RUNTIME_DIR)};
    $ENV{DISPLAY} = ":$display";
    $ENV{SDL_VIDEODRIVER} = 'x11';
    return;
}

# Starts Openbox, a window manager, which draws captions and borders. While Openbox
# starts, it drops requests of windows; it runs its --startup command when ready.
sub manager {
    my $ready = "$dir/manager-ready";
    unlink $ready;
    my @command = ('openbox', '--startup', "touch $ready");
    local $ENV{HOME} = $dir;
    $manager = fork // die;
    if (!$manager) {
        open STDOUT, '>', '/dev/null';
        open STDERR, '>', "$dir/manager";
        exec @command or exit 127;
    }
    until_true('the window manager is there', 10, sub { -e $ready });
    return;
}

# Starts the panel with $in as its standard input. @$close has handles that the panel
# must not hold (a pipe's end).
sub start_panel {
    my ($in, $close, @options) = @_;
    $panel = fork // die;
    if (!$panel) {
        chdir $dir;
        close $_ for @$close;
        open STDIN, '<&', $in;
        open STDOUT, '>', "$dir/stdout";
        open STDERR, '>', "$dir/stderr";
        exec $program, '--panel', @options or exit 127;
    }
    close $in;
    return;
}

sub xdo { return scalar qx(xdotool @_ 2>/dev/null) }
sub key { return xdo("key --window $window --clearmodifiers @_") }
sub type { return xdo("type --window $window --delay 15 '@_'") }

# Tests that $test returns true within $seconds; returns its last value.
sub until_true {
    my ($what, $seconds, $test) = @_;
    my $end = time + $seconds;
    my $found;
    until ($found = $test->() or time > $end) { sleep .05 }
    ok($found, $what)
        or diag(map { utf8::encode($_); $_ } join "\n", slurp("$dir/stderr"), lines($latest // { texts => [] }));
    return $found;
}

# True if the manager has framed a window. (While it takes over the panel's window,
# other windows named Clockhand come and go.)
sub framed { return qx(xprop -id @_ _NET_FRAME_EXTENTS 2>/dev/null) =~ /= \d/ }

# Waits for the panel's window. Without a manager, moves it to the screen's top
# left corner, gives it the keyboard, and moves the pointer aside.
sub find_window {
    $window = undef;
    until_true('a window opens', 20, sub {
            ($window) = grep { !$manager || framed($_) }
                xdo('search --onlyvisible --name Clockhand') =~ /(\d+)/g;
            $window;
        })
        or do {
            diag(qx(xwininfo -root -tree 2>&1), slurp("$dir/manager"));
            done_testing();
            exit 1;
        };
    if (!$manager) {
        xdo("windowmove $window 0 0");
        xdo("windowfocus $window");
        xdo('mousemove 1390 890');
    }
    return $window;
}

# Returns x, y, width, height of a window without its borders, which xdotool counts twice.
sub geometry {
    my $info = qx(xwininfo -id @{[ shift // $window ]} 2>/dev/null);
    return map { $info =~ /$_:\s+(-?\d+)/ ? $1 : 0 }
        'Absolute upper-left X', 'Absolute upper-left Y', 'Width', 'Height';
}

sub on_screen { return screen("$dir/Xvfb_screen0") }

# Presses F12 and returns the picture that the panel then writes; if none comes within
# 3 s, the previous picture, or an empty one. The next look deletes the PNG file.
sub look {
    unlink glob "$dir/clockhand-*.png";
    key('F12');
    my $end = time + 3;
    while (time < $end) {
        my ($png) = glob "$dir/clockhand-*.png";
        if (defined $png && slurp($png) =~ /IEND....\z/s) {
            $latest = picture($png);
            ($latest->{cycle}) = $png =~ /clockhand-(\d+)/;
            return $latest;
        }
        sleep .01;
    }
    return $latest // { w => 0, h => 0, rows => [], texts => [] };
}

# shows, console_has, frame_has, is_mode, tab_has and click_on each take a new picture.
sub shows { my $re = shift; return said(look(), $re) }
# Opens the console's tab if need be, and takes the keyboard back from it (F10).
sub console_has {
    my $re = shift;
    key($_) for open_tab(look()) eq 'Console' ? () : qw(c F10);
    return grep { $_ =~ $re } console(look());
}
sub frame_has { my $re = shift; return grep { $_ =~ $re } pane_lines(look(), 'FRAME') }
sub is_mode { return mode(look()) eq shift }

# Returns the matching lines of the pane below the tabs' names.
sub tab_has {
    my $re = shift;
    return grep { $_ =~ $re } tab_lines(look());
}

sub screen_place {
    my ($x, $y) = @_;
    my ($x0, $y0) = geometry();
    return ($x0 + int $x, $y0 + int $y);
}
sub move_to { return xdo('mousemove ' . join ' ', screen_place(@_)) }

# Clicks on the middle of the first text that matches; returns false if none does.
sub click_on {
    my $t = text_box(look(), shift) or return;
    move_to($t->{x} + $t->{w} / 2, $t->{y} + $t->{h} / 2);
    xdo('click 1');
    return 1;
}

# Asks the window to close, as a window manager does: a ClientMessage of WM_PROTOCOLS
# with WM_DELETE_WINDOW, in X's own protocol (xdotool of Debian 12 cannot).
sub close_window {
    my $x = IO::Socket::UNIX->new("/tmp/.X11-unix/X$display") or die "X: $!";
    my $get = sub { my $b = ''; while (length $b < $_[0]) {
        sysread($x, $b, $_[0] - length $b, length $b) or die "X: $!" } $b };
    syswrite $x, pack 'a x S S S S S', 'l', 11, 0, 0, 0, 0;
    my ($ok, $units) = unpack 'C x5 S', $get->(8);
    $get->(4 * $units);
    die 'X refused' unless $ok == 1;
    my @atom = map {
        my $n = length;
        syswrite $x, pack 'C C S S x2 a' . ($n + 3 & ~3), 16, 0, 2 + ($n + 3 >> 2), $n, $_;
        unpack 'x8 L', $get->(32);
    } 'WM_PROTOCOLS', 'WM_DELETE_WINDOW';
    syswrite $x, pack 'C C S L L C C S L L L5', 25, 0, 11, $window, 0, 33, 32,
        0, $window, $atom[0], $atom[1], 0, 0, 0, 0;
    return $x; # closing it at once might lose the message
}

# Waits for the program's end; returns its status, or undef after $seconds.
sub panel_gone {
    my $seconds = shift;
    my $end = time + $seconds;
    while (time < $end) {
        if (waitpid($panel, 1) == $panel) { # WNOHANG
            $panel = undef;
            return $? & 127 ? 128 + ($? & 127) : $? >> 8;
        }
        sleep .05;
    }
    return undef;
}

sub closes {
    my ($what) = @_;
    my $connection = close_window();
    my $status = panel_gone(10);
    ok(defined $status, "$what: closing the window ends the program");
    is($status, 0, '... with status 0') or diag(slurp("$dir/stderr"));
    return;
}

1;
