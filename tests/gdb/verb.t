#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The verb gdb opens a gdb at the terminal, on the machine of this prompt, with the
# program's symbols; Ctrl-C goes to gdb; afterwards the machine stands where gdb left
# it. In a pipe the verb prints the command line that does the same.
use lib 'tests/lib';
use IPC::Open2;
use Clockhand;
use Gdb;
use Pty;

plan skip_all => 'no gdb-multiarch' unless has_gdb();

my @program = (build() . '/clockhand', '--pace', 'max', '--monitor');
my @begin = ('console off', 'run-for 300ms', 'send "hog 256K\n"', 'break write_part', 'continue');
my $gdb = qr/\(gdb\) (?:\e\[\S*)?\z/;

# ---- at a terminal ----
my $prompt = qr/\(clockhand\) \z/;
my $pty = Pty->start(24, 200, @program);
sub typed { # the answer, without escapes
    my ($line, $until) = @_;
    $pty->send("$line\n");
    return ($pty->expect($until, 30) // '') =~ s/\e\[[?\d;]*[a-z]//gr;
}
$pty->expect($prompt, 20);
typed($_, $prompt) for @begin[ 1 .. $#begin ];
my @asked = (gdb => qr/Reading symbols from \S+era\/hog/, bt => qr/^#0 +write_part \(from=.*\n(?:.*\n)*?#1 .* main /m,
    next => qr/^27\s/m, 'info locals' => qr/^i = \d+/m, 'reverse-next' => qr/\b26\s/m,
    next => qr/^27\s/m);
while (my ($line, $answer) = splice @asked, 0, 2) {
    like(typed($line, $gdb), $answer, "gdb at the terminal: $line");
}
typed('quit', $prompt);
like(typed('info line', $prompt), qr/^Line 27 of "hog\.c"/m, 'the machine stands where gdb has left it');
typed($_, $prompt) for 'delete', 'send "while true; do true; done\n"';
typed('gdb', $gdb);
typed('continue', qr/Continuing\./);
select undef, undef, undef, .3;
$pty->send("\003");
like($pty->expect($gdb, 20) // '', qr/SIGINT/, 'Ctrl-C is gdb\'s');
ok(typed('quit', $prompt), '... and the prompt is there again');
$pty->send("q\n");
is($pty->finish, 0, 'q quits');

# ---- in a pipe ----
my $pid = open2(my $answers, my $commands, @program) or die;
print $commands map { "$_\n" } @begin, 'gdb';
$commands->flush;
my $line;
1 while defined($line = <$answers>) && $line !~ /^gdb-multiarch /;
chomp $line;
my $out = `$line -nx -batch -ex bt -ex next -ex 'info locals' </dev/null 2>&1`;
like($out, qr/^#0 +write_part \(from=.*^i = \d+$/ms, 'in a pipe: the printed line runs gdb') or diag($line, $out);
print $commands "info line\n";
close $commands;
like(join('', <$answers>), qr/^Line 27 of "hog\.c"/m, '... and the next verb finds the machine where gdb has left it');
waitpid $pid, 0;
is($?, 0, '... status 0');
done_testing();
