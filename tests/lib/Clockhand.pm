# SPDX-License-Identifier: MIT
# Runs the program for end-to-end tests, and catches all that it prints. A file that
# uses this module gets strict, warnings and the functions of Test::More.
package Clockhand;
use strict;
use warnings;
use Exporter ();
use File::Temp qw(tempdir);
use JSON::PP ();
use Test::More ();
our @ISA    = ('Exporter');
our @EXPORT = qw(build clockhand guest run_command succeeds refuses slurp spew tmp
                 json compile_bare profile events infos);

sub import {
    strict->import;
    warnings->import;
    Test::More->export_to_level(1, 'Test::More');
    return __PACKAGE__->export_to_level(1, @_);
}

my $dir = tempdir(CLEANUP => 1);
# On a signal, too, a test must tidy up: exit runs END blocks and CLEANUP.
$SIG{$_} //= sub { exit 1 } for qw(HUP INT TERM);

# A user's PATH may lack the tools of file systems (mke2fs, debugfs).
$ENV{PATH} .= ':/usr/sbin:/sbin';

sub build { return $ENV{BUILD} || 'build' }
sub tmp   { return "$dir/" . (shift // '') }

# Returns the topics of info but the two that need an argument.
sub infos {
    return grep { !/^(?:line|frame)$/ } slurp('emu/monitor/verbs/infos.def') =~ /^INFO\((\w+),/mg;
}

sub slurp {
    my $file = shift;
    open my $f, '<:raw', $file or return '';
    local $/;
    return scalar <$f>;
}

sub spew {
    my ($file, $text) = @_;
    open my $f, '>:raw', $file or die "$file: $!";
    print $f $text;
    close $f;
    return $file;
}

# Runs a command; input is a string (default: nothing). Returns status (128+n for a signal, 124
# after the time limit), standard output, standard error.
sub run_command {
    my ($input, @command) = @_;
    my $in = spew(tmp('stdin'), $input // '');
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDIN,  '<', $in              or die;
        open STDOUT, '>', tmp('stdout')    or die;
        open STDERR, '>', tmp('stderr')    or die;
        # A hung machine must not hang the suite; a slow one (sanitizers, a busy
        # host) must get its time. An alarm outlives exec.
        alarm($ENV{TEST_TIMEOUT} || 400);
        exec { $command[0] } @command or die "exec: $!";
    }
    waitpid $pid, 0;
    my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    $status = 124 if $status == 142; # timed out: SIGALRM becomes the status of timeout(1)
    return ($status, slurp(tmp('stdout')), slurp(tmp('stderr')));
}

sub clockhand { return run_command('', build() . '/clockhand', @_) }

# Runs COMMAND by the guest's sh -c; options of clockhand may follow.
sub guest {
    my ($command, @options) = @_;
    return clockhand(@options, '--run', $command);
}

# succeeds(NAME, guest(...)): tests that the status is 0. Returns (output, errors).
sub succeeds {
    my ($name, $status, $out, $err) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    Test::More::is($status, 0, $name) or Test::More::diag($out =~ s/.*(?=.{2000}\z)//sr, $err);
    return ($out, $err);
}

# refuses(\@first, OPTION..., [COMMAND, REASON]...): tests that the monitor refuses each
# command for a reason that matches REASON, in a session that begins with @first's lines.
sub refuses {
    my ($first, @rest) = @_;
    my @cases = grep { ref } @rest;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $lines = join "\n", @$first, map({ "json $_->[0]" } @cases), '';
    # If standard input is a pipe, the session goes on after a refused command.
    my (undef, $out) = run_command($lines, 'sh', '-c', 'cat | "$0" "$@"', build() . '/clockhand',
        qw(--timing fast --monitor), grep { !ref } @rest);
    my @answers = map { json($_) } grep { /^[\[{]/ } split /\n/, $out;
    for (@cases) {
        my $answer = shift @answers;
        Test::More::like(ref $answer eq 'HASH' && $answer->{error}, $_->[1], "$_->[0]: refused");
    }
}

sub json { return JSON::PP->new->decode(shift) }

# Compiles a bare-metal program of C or assembly text, linked at 0x80000000, which ends by storing
# to tohost; a definition of tohost is appended to assembly without one. Returns the ELF's path.
sub compile_bare {
    my ($name, $text, @flags) = @_;
    $text .= ".balign 64; .globl tohost, fromhost\ntohost: .dword 0\n"
        . ".balign 64\nfromhost: .dword 0\n" if $text =~ /, tohost$/m && $text !~ /tohost:/;
    my $src = spew(tmp($name), $text);
    my $elf = tmp("$name.elf");
    my @cc = ('riscv64-linux-gnu-gcc', '-march=rv64gc', '-mabi=lp64d',
        '-mcmodel=medany', '-O2', '-static', '-fno-pic', '-no-pie',
        '-nostdlib', '-nostartfiles',
        '-ffreestanding', '-Ttext=0x80000000', '-Wl,-e,_start',
        '-Wl,--build-id=none', '-Wl,--no-warn-rwx-segments', '-o', $elf, $src, @flags);
    system(@cc) == 0 or die "cannot compile $name";
    return $elf;
}

# Returns the rows of `--cpu list` for the core in this column (from 0): a hash, words => value.
sub profile {
    my $column = shift;
    my %p;
    for (split /\n/, (clockhand('--cpu', 'list'))[1]) {
        my ($words, @n) = /^(\S.*?)\s+(\d+)\S?\s+(\d+)\S?\s+(\d+)\S?\s+(\d+)\S?$/
            or next;
        $p{$words} = $n[$column];
    }
    return \%p;
}

# Returns the rows of an --events file as hashes.
sub events {
    my $file = shift;
    my ($head, @lines) = split /\n/, slurp($file);
    my @names = split /,/, $head;
    return map { my %row; @row{@names} = split /,/, $_, -1; \%row } @lines;
}

1;
