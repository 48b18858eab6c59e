#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Compares our answers about a program's lines, calls and variables with gdb's. gdb reads the same
# ELF file (lines, functions), or looks at QEMU executing it (calls, globals).
use lib 'tests/lib';
use Cwd qw(getcwd);
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

# Returns gdb's output for a program that QEMU stops before its first instruction.
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
sub rows { # of "info line": "LINE START <FUNCTION+OFFSET> END"
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
    is_deeply([grep { !$own{$_} } @gdb], [], "$kind: info line, the same as gdb")
        or diag(join "\n", @own);
}

# ---- calls -----------------------------------------------------------------------
# Our bt has the function and line of each call in gdb's bt, which ends at main.
SKIP: for my $kind (sort keys %elf) {
    skip 'no gdb-multiarch or QEMU', 1 if !$there;
    my $inlined = line_with('sum += value');
    my %stops = (touch => 3, factorial => $kind eq 'plain' ? 3 : 1, "source_steps.c:$inlined" => 1);
    for my $stop (sort keys %stops) {
        my @begin = ("break $stop", ('continue') x $stops{$stop}, 'bt');
        my @calls = map { [ /^#\d+ .*?(\w+)(?:\.\w+)*(?:\+0x\w+)?(?: \(.*\)|, inlined,)? at \S*source_steps\.c:(\d+)$/mg ] }
            gdb_on_qemu($elf{$kind}, @begin) =~ s/.*^(?=#0 )//msr,
            (run_script($elf{$kind}, @begin))[0];
        cmp_ok(scalar @{$calls[0]}, '>=', 4, "$kind: gdb has calls at $stop");
        is("@{$calls[1]}", "@{$calls[0]}", '... and bt has the same');
    }
    my ($whole) = run_script($elf{$kind}, 'break touch', 'continue', 'bt', 'json bt');
    like($whole, qr/^#\d .*_start\S*$/m, "$kind: bt goes on to the first function");
    my $first = json($whole =~ /^(\[.*)$/m)->[0];
    is("$first->{function} $first->{line}", 'touch ' . line_with('sink++'), '... and json bt has the same');
}

# ---- expressions -----------------------------------------------------------------
my @expr = ('nodes[2].colour', 'nodes[2].low', 'nodes[2].high', 'nodes[2].below', 'nodes[2].at[1].y',
    'nodes[2].at[1]', 'nodes[2].name', 'nodes[2].bytes[2]', 'nodes[2].next->label[1]', '*nodes[2].next',
    'nodes[2].at', 'nodes[2].number + nodes[1].high * 2', 'nodes[1].high', 'nodes[2].next == &nodes[1]',
    '(long)nodes[2].at[0].x << 3', '*(struct node *)nodes[2].next', '((struct point *)nodes[2].at)[1].y',
    'nodes[2].measure', '(nodes[2].next - 1)->low', '&nodes[2].at[1].y',
    'nodes[2].next->next->next', 'sizeless');
SKIP: {
    skip 'no gdb-multiarch or QEMU', 1 if !$there;
    my @gdb = gdb_on_qemu($elf{plain}, 'break touch', 'continue',
        map { "print $_" } @expr) =~ /^(?:\$\d+ = (.*)|No symbol .*)$/mg;
    is(scalar @gdb, @expr - 1, 'gdb prints all but the last, which it does not know');
    for my $i (0 .. $#expr) {
        my ($out, $err) = run_script($elf{plain}, 'break touch', 'continue', "print $expr[$i]");
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
    my ($out) = run_script($elf{plain}, 'watch nodes[2].number', 'continue -v', 'delete',
        'break factorial if nodes[1].below == -1',
        'continue', 'print nodes[1].high', 'set nodes[1].number = 77', 'print nodes[1].number',
        'print nodes[2].next->at[3 - 2].x');
    like($out, qr/^watchpoint 1: .* was 0x0, is 0x1020306\n.*^1001\n77\n7$/ms,
        'break if on a global, set and watch of a global') or diag($out);
}
refuses(['break walk', 'continue'], $elf{plain}, [ 'print nodes[1].nothing', qr/struct node has no member nothing/ ],
    [ 'print sink.low', qr/is no struct/ ], [ 'print table[1]', qr/array of arrays/ ],
    [ 'print nodes[1] + 1', qr/a struct is no number/ ], [ 'print (struct nobody *)sink', qr/no type/ ],
    [ 'print local.nobody', qr/no variable here/ ], [ 'watch nodes[1]', qr/name a part/ ],
    [ 'break nosuch.c:3', qr/no program here was compiled from it/ ],
    [ 'break source_steps.c:9999', qr/no code at or behind line 9999/ ],
    [ 'list source_steps.c:9999', qr/has \d+ lines/ ],
    # Steps by lines, frames and locals are left to gdb.
    (map { [ $_, qr/: unknown verb; gdb .*\(the verb gdb opens it here\)/ ] } qw(step s next n finish until up down)),
    [ 'info locals', qr/gdb knows the frames/ ], [ 'info args', qr/gdb knows the frames/ ],
    [ 'bt full', qr/^bt: gdb knows the frames/ ], [ 'print length', qr/no counter and no symbol/ ]);

# A loop's line has code at several places. A breakpoint stops at the first in each function or inlined call.
{
    my $loop = line_with('i < 2; i++)');
    my ($out) = run_script($elf{plain}, "break source_steps.c:$loop", ('continue -v') x 4);
    is((() = $out =~ /^breakpoint 1$/mg), 3, 'a loop\'s line stops once in each of three calls') or diag($out);
}

# ---- list ------------------------------------------------------------------------
{
    my ($out) = run_script($elf{plain}, 'list source_steps.c:60', 'list');
    my @want = map { "$_\t$text[$_ - 1]" } 55 .. 64;
    like($out, qr/^\Q$want[3]\E\n.*^64\t.*\n65\t/ms, 'list: the lines around, then the next');
    my ($facts) = run_script($elf{plain}, 'json list walk');
    my $lines = json($facts)->{lines};
    is(scalar @$lines, 10, 'list FUNCTION: ten lines');
    is_deeply([grep { $text[$_->{line} - 1] ne $_->{text} } @$lines], [], '... of the file');
    ($out) = run_script($elf{plain}, 'break walk', 'continue', 'list', 'list');
    my @numbers = $out =~ /^(\d+)\t/mg;
    is("@numbers", join(' ', $numbers[0] .. $numbers[0] + 19), 'list, and list again: the next ten');
}

# ---- no trace in the hash --------------------------------------------------------
{
    my @hash = map { (run_script($elf{plain}, @$_, 'run-until cycle >= 30000', 'hash'))[0] =~ /hash (\w+)/ }
        [ 'run-for 1' ], [ 'break walk', 'continue', 'bt', 'print nodes[1]', 'list' ];
    is($hash[0], $hash[1], 'looking changes nothing');
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
        my $script = spew(tmp('bad.ch'), join "\n", 'break *walk', 'continue', 'json bt',
            'json list walk', 'info line', 'print nodes[1].at', 'quit', '');
        for my $one (split /\n/, slurp($script)) {
            next if $one !~ /bt|list|info|print/;
            my $s = spew(tmp('one.ch'), "run-for 3000\n$one\n");
            my ($status) = clockhand('-x', $s, $file);
            $crashes++ if $status > 2;
        }
    }
    is($crashes, 0, 'broken debug information: no crash');
}
done_testing();
