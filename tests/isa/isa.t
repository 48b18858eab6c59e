#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Runs every tests/isa/*.S in fast and in cycle timing, interpreted and translated, and, as a check
# of the tests themselves, under QEMU's Spike board. A test's first comment may say
#     options: --isa rv64gc_svadu      more options for clockhand
#     qemu-cpu: svinval=true           more properties for QEMU's processor
#     board: virt                      QEMU's virt board is the judge (PLIC,
#                                      UART, time); the finisher ends the test
#     qemu: WHY                        not run on QEMU 7.2; WHY says how QEMU differs
use FindBin qw($Bin);
use lib "$Bin/../lib";
use Clockhand;

my $qemu = 'qemu-system-riscv64';
my $have_qemu = grep { -x "$_/$qemu" } split /:/, $ENV{PATH};

sub compile {
    my ($source, $elf, $board) = @_;
    return system('riscv64-linux-gnu-gcc', '-march=rv64gc', '-mabi=lp64d',
        '-mcmodel=medany', '-static', '-fno-pic', '-no-pie', '-nostdlib', '-nostartfiles',
        '-Wl,--build-id=none', '-Wl,--no-warn-rwx-segments',
        "-Wl,-T,$Bin/link.ld", "-I$Bin",
        $board eq 'virt' ? '-DVIRT' : (), '-o', $elf, $source) == 0;
}

# Returns the rest of the first line that begins with ` * WORD:`, without the comment's end.
sub remark {
    my ($text, $word) = @_;
    return $text =~ m{^ \* $word: (.*?)(?: \*/)?$}m ? $1 : undef;
}

# The table in README.md names every test, and no file that is not there.
my %listed = map { $_ => 1 } slurp("$Bin/README.md") =~ /`(\w+\.S)`/g;
my %there = map { m{([^/]+)$} => 1 } glob("$Bin/*.S");
is(join(' ', sort grep { !$listed{$_} } keys %there), '', 'README.md lists every test');
is(join(' ', sort grep { !$there{$_} } keys %listed), '', '... and no test that is not there');

my @engines = (clockhand('--engine', 'eager', '--cpu', 'list'))[0] == 0
    ? qw(interp eager) : 'interp';
my @only = @ARGV;
for my $source (sort glob("$Bin/*.S")) {
    my ($name) = $source =~ m{([^/]+)\.S$};
    next if @only && !grep { $_ eq $name } @only;
    my $text = slurp($source);
    my $elf = tmp("$name.elf");
    my $board = remark($text, 'board') // 'spike';
    if (!compile($source, $elf, $board)) {
        fail("$name compiles");
        next;
    }
    my @options = split ' ', remark($text, 'options') // '';
    for my $timing (qw(fast cycle)) {
        my %hash;
        for my $engine (@engines) {
            my ($status, undef, $err) = clockhand('--timing', $timing,
                '--engine', $engine, '--hash', '--max-instructions',
                20_000_000, @options, $elf);
            is($status, 0, "$name, $timing, $engine: status (number of the TEST that failed)") or diag($err);
            ($hash{$engine}) = $err =~ /^hash (\w+)$/m;
        }
        is($hash{eager}, $hash{interp}, "$name, $timing: one hash") if @engines > 1;
    }
  SKIP: {
        my $why = remark($text, 'qemu');
        skip "$name under QEMU: $why", 1 if defined $why;
        skip "$qemu is not installed", 1 unless $have_qemu;
        local $ENV{TEST_TIMEOUT} = 20;
        succeeds("$name, QEMU", run_command('', $qemu, '-M', $board, '-cpu',
            join(',', 'rv64,h=false,v=false', remark($text, 'qemu-cpu') // ()),
            qw(-display none -monitor none -serial none -bios none -kernel), $elf));
    }
}
done_testing();
