# SPDX-License-Identifier: MIT
# Runs clockhand as the target of a real gdb, or of a client that sends packets of its own.
package Gdb;
use Exporter 'import';
use IO::Select;
use IO::Socket::UNIX;
use Time::HiRes qw(sleep time);
use Clockhand;
our @EXPORT = qw(has_gdb gdb start finish_machine connect_raw ask packet
    answer say_it hash_of);

# say_it returns a line for gdb that prints NAME=VALUE. hash_of returns an output's hash.
sub say_it { return "printf \"$_[0]=%#lx\\n\", (unsigned long)($_[1])" }
sub hash_of { return $_[0] =~ /^hash ([0-9a-f]{32})$/m ? $1 : 'none' }

my $runs = 0;
$SIG{PIPE} = 'IGNORE'; # the machine may close its socket at any time

sub has_gdb { return system('command -v gdb-multiarch >/dev/null') == 0 }

# Starts a machine with these options; it waits for gdb at a socket of its own.
# finish_machine returns its status, standard output, standard error without "waiting for gdb".
sub start {
    my @options = @_;
    my $dir = tmp('gdb' . ++$runs);
    mkdir $dir;
    my $machine = {dir => $dir, socket => "$dir/socket"};
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDIN,  '<', '/dev/null'  or die;
        open STDOUT, '>', "$dir/out"   or die;
        open STDERR, '>', "$dir/err"   or die;
        exec 'timeout', '-k', '5', $ENV{TEST_TIMEOUT} || 400,
            build() . '/clockhand', '--gdb', "unix:$machine->{socket}", @options or die "exec: $!";
    }
    $machine->{pid} = $pid;
    my $until = time + 60;
    sleep .02 until slurp("$dir/err") =~ /waiting for gdb/ || time > $until
        || waitpid($pid, 1) == $pid;
    return $machine;
}

sub finish_machine {
    my $machine = shift;
    waitpid $machine->{pid}, 0;
    my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    (my $err = slurp("$machine->{dir}/err")) =~ s/^.*waiting for gdb.*\n//;
    return ($status, slurp("$machine->{dir}/out"), $err);
}

# Runs commands of gdb on a machine; returns gdb's output.
sub gdb {
    my ($machine, @commands) = @_;
    my $script = spew("$machine->{dir}/script", join '',
        map { "$_\n" } 'set confirm off', 'set width 0', 'set height 0',
        "target remote $machine->{socket}", @commands);
    # Gives the commands by -ex, since a script would end at the first error.
    my @ex = map { ('-ex', $_) } split /\n/, slurp($script);
    my $pid = open my $f, '-|' // die "fork: $!";
    if (!$pid) {
        open STDERR, '>&', \*STDOUT    or die;
        open STDIN,  '<', '/dev/null' or die;
        exec 'timeout', '-k', '5', $ENV{TEST_TIMEOUT} || 100, 'gdb-multiarch',
            '-nx', '-batch', @ex or die "exec: $!";
    }
    local $/;
    my $text = <$f>;
    close $f;
    return $text;
}

# ---- without gdb ----

sub connect_raw {
    my $machine = shift;
    return IO::Socket::UNIX->new(Peer => $machine->{socket});
}

sub packet {
    my $data = shift;
    my $sum = 0;
    $sum += ord for split //, $data;
    return sprintf '$%s#%02x', $data, $sum & 255;
}

# Acknowledges the next packet and returns its data without run-length encoding, or 'wrong
# checksum'; undef if none comes in $seconds (20 s by default), or the connection has ended.
my %seen;
sub answer {
    my ($socket, $seconds) = @_;
    my $until = time + ($seconds // 20);
    $seen{$socket} //= '';
    my ($data, $sum);
    while (!defined $data) {
        if ($seen{$socket} =~ s/^[^\$]*\$([^#]*)#([0-9a-f]{2})//) {
            ($data, $sum) = ($1, hex $2);
        } elsif (time > $until
            || !IO::Select->new($socket)->can_read($until - time)
            || !sysread $socket, $seen{$socket}, 65536, length $seen{$socket})
        {
            return;
        }
    }
    my $is = 0;
    $is += ord for split //, $data;
    return 'wrong checksum' if ($is & 255) != $sum;
    syswrite $socket, '+';
    $data =~ s/(.)\*(.)/$1 x (ord($2) - 28)/ges;
    return $data;
}

sub ask {
    my ($socket, $data, $seconds) = @_;
    syswrite $socket, packet($data);
    return answer($socket, $seconds);
}

1;
