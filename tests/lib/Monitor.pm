# SPDX-License-Identifier: MIT
# Holds a session with the monitor, for tests whose commands depend on earlier answers.
package Monitor;
use IPC::Open2;
use Time::HiRes qw(time);
use Clockhand;

sub new {
    my ($class, @options) = @_;
    my $self = bless { id => 0 }, $class;
    $self->{pid} = open2($self->{from}, $self->{to}, build() . '/clockhand', '--monitor', @options);
    $self->{to}->autoflush(1);
    return $self;
}

# Runs commands and returns what they print; {seconds} is the time they took.
sub ask {
    my ($self, @commands) = @_;
    my $end = '~' . ++$self->{id} . '~';
    my ($to, $from) = @$self{qw(to from)};
    my $started = time;
    print $to join("\n", @commands, "echo $end"), "\n";
    my $said = '';
    while (my $line = <$from>) {
        $self->{seconds} = time - $started, return $said if $line =~ /\Q$end\E$/;
        $said .= $line;
    }
    die "the monitor has ended: $said";
}

sub hash { return shift->ask('hash') =~ /^hash (\w+)$/m ? $1 : 'none' }
sub facts { return json((split /\n/, $_[0]->ask("json $_[1]"))[-1]) }
sub value { return $_[0]->ask("print $_[1]") =~ /(?:= )?(\d+)\s*$/ ? $1 : 'none' }

sub quit {
    my $self = shift;
    my $to = $self->{to};
    print $to "quit\n";
    close $to;
    waitpid $self->{pid}, 0;
    return $? >> 8;
}

1;
