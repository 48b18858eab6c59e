#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The source level, judged by gdb: on the same ELF file (lines, functions), and
# on QEMU executing it (each line at which `step` and `next` stop, each
# variable's value there). If the compiler has removed a value, Clockhand says
# so.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(getcwd);
use Test::More;
use Clockhand;

my $source = 'tests/machine/source_steps.c';
my $there  = !system('command -v gdb-multiarch qemu-system-riscv64 >/dev/null');

sub built {
    my ($name, @flags) = @_;
    my $elf = tmp("$name.elf");
    system('riscv64-linux-gnu-gcc', '-g', '-Wall', '-Wextra', '-Werror',
        '-march=rv64gc', '-mabi=lp64d', '-mcmodel=medany', '-ffreestanding',
        '-nostdlib', '-static', '-fno-pic', '-no-pie', '-Wl,--build-id=none',
        '-Wl,-N', '-Wl,--no-warn-rwx-segments',
        '-Wl,--section-start=.init=0x80000000', '-Wl,-e,_start', @flags, '-o',
        $elf, $source) == 0 or die "cannot compile $source";
    return $elf;
}
my %elf = (plain => built('plain', '-O0'), optimised => built('optimised', '-O2'));

sub gdb {
    my ($elf, @lines) = @_;
    my $file = spew(tmp('gdb'), join "\n", 'set pagination off', 'set width 0',
        'set height 0', @lines, '');
    my ($status, $out) = run_command('', 'timeout', 200, 'gdb-multiarch', '-nx',
        '-batch', '-x', $file, $elf);
    return $out;
}

sub run_script {
    my ($elf, @lines) = @_;
    my $script = spew(tmp('x.ch'), join "\n", @lines, '');
    my ($status, $out, $err) = clockhand('-x', $script, $elf);
    return ($out, $err, $status);
}

# gdb's output for a program under QEMU, stopped before the first instruction.
sub gdb_on_qemu {
    my ($elf, @lines) = @_;
    my $socket = tmp('qemu');
    unlink $socket;
    my $pid = fork // die;
    if (!$pid) {
        open STDOUT, '>', '/dev/null';
        exec 'timeout', 200, 'qemu-system-riscv64', '-M', 'virt', '-m', '16M',
            '-bios', 'none', '-display', 'none', '-monitor', 'none', '-serial',
            'none', '-kernel', $elf, '-S', '-gdb',
            "unix:$socket,server=on,wait=off";
        die;
    }
    for (1 .. 100) { last if -S $socket; select undef, undef, undef, .05 }
    my $out = gdb($elf, "target remote $socket", @lines, 'kill');
    kill 'TERM', $pid;
    waitpid $pid, 0;
    return $out;
}

# ---- lines -----------------------------------------------------------------------
my $text = slurp($source);
my @text = split /\n/, $text;
sub line_with { my $what = shift; return (grep { index($text[$_ - 1], $what) >= 0 } 1 .. @text)[0] }
my $begin = line_with('fill(&nodes[i], i)') - 1; # behind main's prologue
sub rows { # of "info line": "LINE START END"
    return map { /^Line (\d+) of ".*" starts at address (\w+) (<.*?>) and ends at (\w+)/
        ? "$1 $2 $3 $4" : () } split /\n/, shift;
}
SKIP: for my $kind (sort keys %elf) {
    skip 'no gdb-multiarch or QEMU', 1 if !$there;
    my @gdb = rows(gdb($elf{$kind}, map { "info line source_steps.c:$_" } 1 .. @text));
    my @own = rows((run_script($elf{$kind}, map { "info line source_steps.c:$_" }
        grep { my $n = $_; grep { /^$n / } @gdb } 1 .. @text))[0]);
    my %own = map { $_ => 1 } @own;
    cmp_ok(scalar @gdb, '>', 20, "$kind: gdb knows lines");
    is_deeply([grep { !$own{$_} } @gdb], [],
        "$kind: info line, the same as gdb")
        or diag(join "\n", @own);
}

# ---- step and next ---------------------------------------------------------------
# Each stop: its line and the value of each variable.
sub stops {
    my $out = shift;
    my @stop;
    for my $part (split /^@@\n/m, $out) {
        next if $part !~ /^#\d+ .* at \S*source_steps\.c:(\d+)$/m;
        my %at = (line => $1);
        while ($part =~ /^(\w+) = (.*)$/mg) {
            my ($name, $value) = ($1, $2);
            $value =~ s/^\([^()]* \*\) //;
            $value =~ s/ <nodes(\+\d+)?>//g;
            # gdb lists some variables twice, once without a location
            $at{$name} = $value if $value ne '<optimized out>' || !exists $at{$name};
        }
        push @stop, \%at;
    }
    return @stop;
}

sub lines_of { return join ' ', map { $_->{line} } @_ }

# Compares the variables that both know, stop by stop.
sub values_are {
    my ($what, $gdb, $own, $least) = @_;
    my ($values, @wrong) = (0);
    for my $i (0 .. $#$own) {
        last if $i > $#$gdb;
        my ($line, $gdb_vars, $own_vars) = ($own->[$i]{line}, $gdb->[$i], $own->[$i]);
        for my $name (sort grep { exists $gdb_vars->{$_} } keys %$own_vars) {
            $values++;
            my $unknown = $own_vars->{$name} =~ /<(optimized out|not )/;
            push @wrong, "line $line: $name: gdb $gdb_vars->{$name}, here $own_vars->{$name}"
                if $unknown ? $gdb_vars->{$name} !~ /optimized out/ : $gdb_vars->{$name} ne $own_vars->{$name};
        }
    }
    cmp_ok($values, '>', $least, "$what: $values values");
    is_deeply(\@wrong, [], "$what: each the same as gdb's");
}

sub compared {
    my ($kind, $verb, $n, $from) = @_;
    my @look = ('frame', 'info args', 'info locals');
    my @gdb = stops(gdb_on_qemu($elf{$kind}, 'break ' . ($from // 'main'), 'continue',
        map { ('echo @@\n', 'frame', 'info args', 'info locals', $verb) } 1 .. $n));
    my $start = 'break ' . ($from // ($kind eq 'plain' ? "source_steps.c:$begin" : 'main'));
    my @own = stops((run_script($elf{$kind}, $start, 'continue',
        map { ("echo @@", @look, $verb) } 1 .. $n))[0]);
    my ($theirs, $ours) = (lines_of(@gdb), lines_of(@own));
    my $least = $kind eq 'plain' ? 15 : 5;
    cmp_ok(scalar(@gdb), '>', $least, "$kind: gdb has stopped often");
    my $short = length $ours < length $theirs ? length $ours : length $theirs;
    is(substr($ours, 0, $short), substr($theirs, 0, $short), "$kind: $verb stops where gdb stops");
    values_are("$kind: $verb", \@gdb, \@own, $least);
}
SKIP: {
    skip 'no gdb-multiarch or QEMU', 1 if !$there;
    compared('plain', 'step', 100);
    compared('plain', 'next', 25);
    compared('optimised', 'step', 80);
    compared('optimised', 'next', 8);
    compared('optimised', 'next', 25, 'walk');
}

# ---- frames ----------------------------------------------------------------------
# An argument that a function no longer has, its caller may know (entry values).
SKIP: for my $kind (sort keys %elf) {
    skip 'no gdb-multiarch or QEMU', 1 if !$there;
    my @look = map { ($_, 'info args', 'info locals', 'printf "sp = %lu\n", $sp', 'print $pc') }
        'frame 1', 'up', 'up', 'frame 2', 'down', 'down';
    my @begin = ('break touch', 'continue', 'continue');
    my $gdb = gdb_on_qemu($elf{$kind}, @begin, map { /^(frame|up|down)/ ? ('echo @@\n', $_) : $_ } @look);
    my ($own) = run_script($elf{$kind}, @begin, map { s/%lu/%u/r }
        map { /^(frame|up|down)/ ? ('echo @@', $_) : $_ } @look);
    my @gdb = stops($gdb);
    my @own = stops($own);
    is(scalar @own, 6, "$kind: six calls chosen");
    is(lines_of(@own), lines_of(@gdb), "$kind: frame, up, down: the lines that gdb has");
    values_are("$kind: frames", \@gdb, \@own, 18);
    my ($known) = run_script($elf{$kind}, @begin, 'frame 1', 'print number', 'print n->high',
        'print nodes[1].high', 'list');
    like($known, qr/^(\d{4})\n1001\n1001\n.*^\d+\t    touch\(\);$/ms, "$kind: names and list are those of the call");
    my ($out, $err, $status) = run_script($elf{$kind}, @begin, 'up', 'print $a5');
    like($err, qr/was not saved/, "$kind: a register that the call may have changed is not told");
    ($out) = run_script($elf{$kind}, @begin, 'frame 1', 'finish -v', 'frame', 'print sum', 'step', 'frame');
    like($out, qr/^returned: 1\n#0 .* remembers\S* \(.*\) at source_steps\.c:\d+\n/m, "$kind: finish leaves the chosen call");
    ($out, $err, $status) = run_script($elf{$kind}, @begin, 'up 9', 'up');
    like($out, qr/^#4 .*_start/m, "$kind: up goes as far as there are calls");
    is($status, 2, '... and no farther');
    like($err, qr/outermost/, '... and the message says so');
}

# ---- expressions -----------------------------------------------------------------
my @expr = ('n->colour', 'n->low', 'n->high', 'n->below', 'n->at[1].y', 'n->at[1]',
    'n->name', 'n->bytes[2]', 'n->next->label[1]', 'flags', 'length', '*n->next',
    'n->at', 'n->number + length * 2', 'nodes[1].high', 'n == &nodes[2]',
    '(long)n->at[0].x << 3', '*(struct node *)n', '((struct point *)n->at)[1].y',
    'n->measure', '(n - 1)->low', '&n->at[1].y', '&nodes[2] - n', 'n->next->next->next', 'sizeless');
SKIP: {
    skip 'no gdb-multiarch or QEMU', 1 if !$there;
    my $line = line_with('if (flags & FLAG_B');
    my @gdb = gdb_on_qemu($elf{plain}, "break $line", 'continue',
        map { "print $_" } @expr) =~ /^(?:\$\d+ = (.*)|No symbol .*)$/mg;
    is(scalar @gdb, @expr - 1, 'gdb prints all but the last, which it does not know');
    for my $i (0 .. $#expr) {
        my ($out, $err) = run_script($elf{plain}, "break source_steps.c:$line", 'continue',
            "print $expr[$i]");
        if (!defined $gdb[$i]) {
            like($err, qr/no counter and no symbol/, "$expr[$i]: not known");
            next;
        }
        (my $gdb_vars = $gdb[$i]) =~ s/(?:\\000)+"/"/g;
        $gdb_vars =~ s/"l1".*?(?=, measure)/"l1"/;
        $gdb_vars =~ s/^\((?:int|struct node) \*\) // if $expr[$i] =~ /^&/;
        $gdb_vars =~ s/ <nodes(\+\d+)?>//g;
        $gdb_vars =~ s/\(\*\)\([^()]*\)/(*)()/;
        chomp $out;
        $out = hex $out if $out =~ /^0x/ && $gdb_vars =~ /^\d+$/;
        is($out, $gdb_vars, "print $expr[$i]");
    }
    my ($out) = run_script($elf{plain}, "break source_steps.c:$line if n == &nodes[1]",
        'continue', 'print length', 'set length = 77', 'print length', 'next',
        'watch length', 'continue -v', 'print n->next->at[3 - 2].x');
    like($out, qr/^\d+\n77\nwatchpoint 2: .* was 0x[0-9a-f]+, is 0x/m,
        'a condition over locals; set and watch of one') or diag($out);
    my ($whole) = run_script($elf{plain}, 'break factorial if n == 2', 'continue',
        'bt', 'finish', 'json bt full');
    like($whole, qr/^#0 .*factorial\+0x\w+ \(n=2\) at source_steps.c:\d+\n#1 .* \(n=3\).*\n#2 .*\(n=4\)/m,
        'bt: each call has its own argument');
    like($whole, qr/"f":"0"/, 'bt full: locals of the outer ones');
    # The calls within return to the same address, with their own frames.
    my ($own) = run_script($elf{plain}, 'break factorial', 'continue', 'delete', 'next', 'print n',
        'next -v', 'print n', 'print below');
    like($own, qr/^4\n.*\n.*return n \* below;\n4\n6$/m, 'next over a recursive call') or diag($own);
    ($own) = run_script($elf{plain}, 'break factorial if n == 3', 'continue', 'delete', 'finish -v', 'print n');
    like($own, qr/^returned: 6\n4$/m, 'finish of a recursive call') or diag($own);
}
# Optimised, jumps() ends with a jump into forgets(): the arguments that main
# passed are those of jumps(), not of forgets().
{
    my ($out) = run_script($elf{optimised}, 'break jumps', 'continue', 'break touch', 'continue', 'bt');
    like($out, qr/^#1 .* forgets\S* \(number=<optimized out>, n=.*\n#2 .* main/m,
        'values at entry are those of the call itself') or diag($out);
}
for ([ 'print n->nothing', qr/struct node has no member nothing/ ],
    [ 'print n.low', qr/is no struct/ ], [ 'print table[1]', qr/array of arrays/ ],
    [ 'print *n + 1', qr/a struct is no number/ ], [ 'print (struct nobody *)n', qr/no type/ ],
    [ 'print local.nobody', qr/no variable here/ ], [ 'watch *n', qr/name a part/ ],
    [ 'break nosuch.c:3', qr/no program here was compiled from it/ ],
    [ 'break source_steps.c:9999', qr/no code at or behind line 9999/ ],
    [ 'list source_steps.c:9999', qr/has \d+ lines/ ]) {
    my (undef, $err, $status) = run_script($elf{plain}, 'break walk', 'continue', 'step', $_->[0]);
    is($status, 2, "$_->[0]: refused");
    like($err, $_->[1], '... and says why');
}

# ---- list ------------------------------------------------------------------------
{
    my ($out) = run_script($elf{plain}, 'list source_steps.c:60', 'list');
    my @want = map { "$_\t$text[$_ - 1]" } 55 .. 64;
    is((split /\n/, $out)[3], $want[3], 'list: the lines around');
    my ($facts) = run_script($elf{plain}, 'json list walk');
    my $lines = json($facts)->{lines};
    is(scalar @$lines, 10, 'list FUNCTION: ten lines');
    is_deeply([grep { $text[$_->{line} - 1] ne $_->{text} } @$lines], [], '... of the file');
    ($out) = run_script($elf{plain}, 'break walk', 'continue', 'list', 'list');
    my @numbers = $out =~ /^(\d+)\t/mg;
    is("@numbers", join(' ', $numbers[0] .. $numbers[0] + 19), 'list, and list again: the next ten');
}

# ---- interrupts ------------------------------------------------------------------
my $ticking = built('ticking', '-O0', '-DTICKS');
my %stops;
for my $engine ('interp', 'jit') {
    my $script = spew(tmp('x.ch'), join "\n", "break source_steps.c:$begin", 'continue',
        (map { ('echo @@', 'frame', 'info args', 'info locals', 'step') } 1 .. 100),
        'print u64[ticks]', '');
    my ($status, $out) = clockhand('--engine', $engine, '-x', $script, $ticking);
    $stops{$engine} = lines_of(stops($out));
    cmp_ok(hex(($out =~ /^(0x\w+)$/m)[0] // 0), '>', 3, "$engine: interrupts came");
}
my ($calm) = run_script($elf{plain}, "break source_steps.c:$begin", 'continue',
    map { ('echo @@', 'frame', 'info args', 'info locals', 'step') } 1 .. 100);
is($stops{interp}, lines_of(stops($calm)),
    'step does not stop in the interrupt handler');
is($stops{jit}, $stops{interp}, '... with either engine');
{
    my $after = line_with('table[i][1] +=');
    my ($out) = run_script($ticking, 'break walk', 'continue', 'finish -v', 'print u64[ticks] > 2',
        "until source_steps.c:$after", 'info line');
    like($out, qr/returned: \d+\n/, 'finish: the value returned');
    like($out, qr/^Line $after of/m, 'until LOC');
    my ($far) = run_script($ticking, 'next', 'hash');
    my @hash = map { (run_script($ticking, @$_, 'run-until cycle >= 30000', 'hash'))[0] =~ /hash (\w+)/ }
        [ 'run-for 1' ], [ 'break walk', 'continue', ('next') x 5, 'bt full', 'finish' ];
    is($hash[0], $hash[1], 'looking and stepping change nothing');
}

# ---- system calls -----------------------------------------------------------------
{
    my $calling = built('calling', '-O0', '-DCALLS');
    my ($out) = run_script($calling, 'break call', 'continue', 'delete', 'next -v', 'next -v',
        'print number', 'print u64[ticks]');
    like($out, qr/asm volatile\("ecall"\);\n.*\n.*sink = -number;\n1\n0x1$/m,
        'next over a system call: the call is made once, the step ends behind it') or diag($out);
}

# ---- broken files ----------------------------------------------------------------
{
    my $whole = slurp($elf{optimised});
    my ($from) = `riscv64-linux-gnu-readelf -SW $elf{optimised}` =~
        /\.debug_aranges\s+PROGBITS\s+\w+\s+(\w+)/;
    my ($crashes, $seed) = (0, 12345);
    my $next = sub { return ($seed = ($seed * 1103515245 + 12345) & 0x7fffffff) >> 8 };
    for (1 .. 60) {
        my $bad = $whole;
        substr($bad, hex($from) + $next->() % (length($bad) - hex $from), 1) =
            chr $next->() % 256 for 1 .. 1 + $_ * 3;
        my $file = spew(tmp('bad.elf'), $bad);
        my $script = spew(tmp('bad.ch'), join "\n", 'break *walk', 'continue', 'json bt full',
            'json list walk', 'info line', 'info locals', 'print n->next->at', 'step', 'quit', '');
        for my $one (split /\n/, slurp($script)) {
            next if $one !~ /bt|list|info|print|step/;
            my $s = spew(tmp('one.ch'), "run-for 3000\n$one\n");
            my ($status) = clockhand('-x', $s, $file);
            $crashes++ if $status > 2;
        }
    }
    is($crashes, 0, 'broken debug information: no crash');
}
done_testing();
