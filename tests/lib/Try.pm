# SPDX-License-Identifier: MIT
# Types the `try:` text of a lesson's exercise as its reader would: the command
# line that --lesson prints, and then, in their order, the texts in backquotes
# and the keys "Ctrl-A c" and "Enter". `print` alone repeats the last print.
package Try;
use Exporter 'import';
use Clockhand;
use Pty;
our @EXPORT = qw(try_of type_it);

# Returns (options of the command, texts and keys to type) for a lesson's exercise.
sub try_of {
    my ($file, $seed) = @_;
    my ($status, $out, $err) = run_command("x\n\n", build() . '/clockhand',
        '--lesson', $file, '--seed', $seed);
    my ($options, $text) = $out =~ /^    \S+ (--[^\n]* --monitor)\n(.*?)^your /ms;
    return unless defined $text;
    my @typed;
    $text =~ s/\n/ /g;
    push @typed, $1 // $2
        while $text =~ /`([^`]+)`|\b(Ctrl-A c(?: while)?|Enter)\b/g;
    return ([ split ' ', $options ], \@typed);
}

my $monitor = qr/\(clockhand\) \z/;
my $shell   = qr/(?:^|\n)# \z/;
my $verb    = qr/^(?:continue|print|walk|tbreak|t?catch|mark|run-until|set)\b/;

# Types the texts; returns all that the machine printed. Stops at a command for the guest
# that follows print or walk: the guest is then halted, so the `try:` text only mentions it.
sub type_it {
    my ($options, $typed) = @_;
    # (Real time matters only to a text that is typed while a program works.)
    my $tty = Pty->start(24, 200, build() . '/clockhand', @$options,
        (grep { / while\z/ } @$typed) ? () : qw(--pace max));
    my ($all, $print, $last, $resumed, $interrupted) = ('', '', 'the start', 0, 0);
    for my $text (@$typed) {
        my $while = $text =~ s/ while\z//;
        last if $last =~ /^(?:print|walk)/ && $text !~ $verb;
        # After Ctrl-A c and `continue` the guest's shell prints no new prompt: wait for
        # the hint about keys instead.
        my $came = $while ? ''
            : $tty->expect($text =~ $verb ? $monitor : $resumed ? qr/quits\n/ : $shell, 60);
        last unless defined $came;
        select undef, undef, undef, 1 if $while; # the program works for a second
        $all .= $came;
        $interrupted = 1 if $text eq 'Ctrl-A c';
        $resumed     = $text eq 'continue' && $interrupted;
        $interrupted = 0 if $resumed;
        $print   = $text if $text =~ /^print ./;
        $last    = $text;
        $tty->send($text eq 'Ctrl-A c' ? "\x01c"
            : $text eq 'Enter' ? "\n" : $text eq 'print' ? "$print\n" : "$text\n");
    }
    $all .= $tty->expect($last =~ $verb ? $monitor : $shell, 60) // $tty->seen;
    $tty->send($last =~ $verb ? "quit\n" : "\x01x");
    $tty->finish(20);
    return $all;
}

1;
