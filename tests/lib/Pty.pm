# SPDX-License-Identifier: MIT
# Runs a program on a pseudo-terminal of the host; the test types at it and reads its
# output. Opens Linux's /dev/ptmx by hand, so that no module is needed.
package Pty;
use strict;
use warnings;
use Fcntl qw(O_RDWR O_NOCTTY);
use IO::Handle;
use IO::Select;
use POSIX ();
use Test::More ();
use Time::HiRes qw(time);

use constant {
    TIOCSPTLCK => 0x40045431,
    TIOCGPTN   => 0x80045430,
    TIOCSCTTY  => 0x540e,
    TIOCSWINSZ => 0x5414,
};

# Starts a program on a new terminal of rows x columns.
sub start {
    my ($class, $rows, $columns, @argv) = @_;
    sysopen(my $master, '/dev/ptmx', O_RDWR | O_NOCTTY) or die "/dev/ptmx: $!";
    my ($unlock, $number) = (pack('i', 0), pack('I', 0));
    ioctl($master, TIOCSPTLCK, $unlock) or die "unlockpt: $!";
    ioctl($master, TIOCGPTN, $number)   or die "ptsname: $!";
    my $name = '/dev/pts/' . unpack('I', $number);
    my $size = pack('S4', $rows, $columns, 0, 0);
    ioctl($master, TIOCSWINSZ, $size) or die "winsize: $!";
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        POSIX::setsid();
        sysopen(my $tty, $name, O_RDWR) or die "$name: $!";
        ioctl($tty, TIOCSCTTY, 0);
        POSIX::dup2(fileno $tty, $_) for 0 .. 2;
        close $master;
        exec @argv or POSIX::_exit(127);
    }
    return bless { master => $master, pid => $pid, seen => '' }, $class;
}

sub send {
    my ($self, $text) = @_;
    while (length $text) {
        my $n = syswrite($self->{master}, $text) // return;
        substr($text, 0, $n, '');
    }
    return;
}

# Waits for the pattern; returns and forgets the text up to the pattern's end. Returns
# undef after $timeout seconds (10 s by default), or when the program has ended.
sub expect {
    my ($self, $pattern, $timeout) = @_;
    my $end = time + ($timeout // 10);
    my $select = IO::Select->new($self->{master});
    for (;;) {
        if ($self->{seen} =~ /$pattern/) {
            my $until = substr $self->{seen}, 0, $+[0];
            substr($self->{seen}, 0, $+[0], '');
            return $until;
        }
        my $left = $end - time;
        return undef if $left <= 0 || !$select->can_read($left);
        my $n = sysread($self->{master}, my $bytes, 65536);
        return undef if !$n;
        # Removes carriage returns and the line editor's queries for the cursor's
        # position; with {plain} set, codes for bold and colours, too.
        $bytes = ($self->{half} // '') . $bytes;
        $self->{half} = $bytes =~ s/(\e(?:\[[\d;]*)?)\z// ? $1 : '';
        $bytes =~ s/\r|\e\[6n//g;
        $bytes =~ s/\e\[[\d;]*m//g if $self->{plain};
        $self->{seen} .= $bytes;
    }
}

sub seen { return shift->{seen} }

# Makes a step of a test: types a text (\r, \t, \e and \xNN as in C) and expects a
# pattern, in which \P stands for the prompt at the end of the output.
sub step {
    my ($self, $text, $pattern, $name) = @_;
    my %key = (r => "\r", t => "\t", e => "\e");
    $text =~ s/\\(?:([rte])|x([0-9a-f]{2}))/$1 ? $key{$1} : chr hex $2/ge;
    $pattern =~ s/\\P/# \\z/g;
    $self->send($text);
    my $found = defined $self->expect(qr/$pattern/s);
    Test::More::ok($found, $name)
        or Test::More::diag("wanted $pattern, had: " . $self->seen);
    return $found;
}

# Waits some milliseconds, in which the typed command begins to run.
sub rest { return select undef, undef, undef, $_[1] / 1000 }

# Returns all that the program prints until its end, with carriage returns. Linux may fail a read
# between the program's close and the arrival of its last output (n_tty_read), hence a second read.
sub everything {
    my $self = shift;
    my ($all, $fails) = ('', 0);
    while ($fails < 2) {
        if (sysread $self->{master}, my $bytes, 65536) { $all .= $bytes }
        else { $fails++ }
    }
    return $all;
}

# Returns the exit status (128 + N: signal N), or 124 if killed after $timeout seconds (10 s by default).
sub finish {
    my ($self, $timeout) = @_;
    my $end = time + ($timeout // 10);
    $self->expect(qr/(?!)/, $timeout // 10);
    while (time < $end) {
        my $got = waitpid $self->{pid}, POSIX::WNOHANG();
        return $? & 127 ? 128 + ($? & 127) : $? >> 8 if $got == $self->{pid};
        select undef, undef, undef, 0.02;
    }
    kill 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;
    return 124;
}

1;
