#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Bad input ends the program with status 2 and one line that says what is wrong and why. If only
# the guest's kernel can find the fault, the kernel panics or reports an I/O error; the status is not 0.
use lib 'tests/lib';
use Clockhand;

my $b = build();

# Options and values: status 2, exactly one line, nothing on standard output.
sub refused {
    my ($what, $pattern, @args) = @_;
    my ($status, $out, $err) = clockhand(@args);
    my $lines = () = $err =~ /\n/g;
    ok($status == 2 && $out eq '' && $lines == 1
            && $err =~ /^clockhand: .*: .*$pattern/ && $err !~ /[^\n -~]/,
        $what) or diag("status $status\nout: $out\nerr: $err");
}

refused('unknown option', 'unknown option', '--frobnicate');
refused('option without its value', 'wants a value', '--ram');
refused('value for a flag', 'takes no value', '--hash=1');
refused('a --ram that is no size', 'not a size', '--ram', 'lots');
refused('RAM too small for the guest', 'at least', '--ram', '1M');
refused('swap with room for its header only', 'header', '--swap', '4K');
refused('swap whose map fills RAM', '256 times', '--swap', '5G');
refused('RAM that is no multiple of a page', 'pages', '--ram', '16777217');
refused('unknown profile', 'no profile', '--cpu', 'z80');
refused('unknown extension', "no extension 'zfoo'", '--isa', 'rv64gc_zfoo');
refused('e, another base, as an extension', 'base is i', '--isa', 'rv64ie');
refused('an ISA of 32 bits', 'begins with rv64', '--isa', 'rv32gc');
refused('no ISA string', 'begins with rv64', '--isa', '');
refused('an ISA without an extension that the guest needs', 'needs rv64gc_zicntr; c is missing', '--isa',
    'rv64g_zicntr', '--run', 'true');
refused('unknown DRAM', 'no part', '--dram', 'core');
refused('unknown disk model', 'no model', '--disk-model', 'tape');
refused('an SSD has no heads to schedule', 'no model', '--disk-model', 'ssd,queue=clook');
refused('unknown timing', 'none of fast\|cycle', '--timing', 'warp');
refused('unknown engine', 'none of interp, jit and eager', '--engine', 'warp');
refused('a configuration that is no text', 'line 1: this is no text', '--config',
    spew(tmp('bytes'), join '', map { chr } 128 .. 255));
refused('a value that would colour the terminal', 'line 1: this is no text', '--config',
    spew(tmp('colour'), "ram = \e[31m\n"));
refused('lines that end as on an old Macintosh', 'this is no text', '--config', spew(tmp('mac'), "ram = 8M\rx\r"));
refused('a saved machine on standard output', 'needs a file, not -', '--save', '-', '--run', 'true');
refused('--save to a file name that is too long', 'File name too long', '--save', 'x' x 256, '--run', 'true');
refused('TLB whose ways do not divide its entries', 'ENTRIES', '--tlb', '7/3');
refused('TLB without entries', 'ENTRIES', '--tlb2', '/4');
refused('TLB of negative size', 'ENTRIES', '--tlb', '-18446744073709551612');
refused('a time past 64 bits of nanoseconds', '0 to 18446744073', '--epoch', '18446744074');
refused('a size with a leading 0 is not octal', '777 bytes', '--ram', '0777');
refused('--symbols of a file that has none', 'no ELF file with symbols', '--symbols', '/dev/zero');
refused('clock of 0 Hz', '1000000 to', '--clock', '0');
refused('clock out of range', '1000000 to', '--clock', '10000000001');
refused('a limit of no instructions', 'not at least 1', '--max-instructions', '0');
refused('unknown policy', 'no policy', '--policy', 'frobnicate');
refused('unknown policy: the message lists the known ones', 'no policy .lifo. among clock, .*linux612',
    '--policy', 'lifo');
refused('a program and the monitor on one standard input', 'type the command in the guest', '--monitor',
    '--run', 'ls');
refused('--panel=term without a terminal', 'or output is no terminal', '--panel=term');
refused('--gdb that is neither a port nor a socket', 'neither a port', '--gdb', 'tomorrow');
refused('gdb at a port out of range', 'neither a port', '--gdb', '65536');
refused('gdb at a socket without a name', 'a path has', '--gdb', 'unix:');
refused('gdb in a lesson', 'not with --lesson', '--gdb', '0', '--lesson', '1');
refused('gdb at a socket in a folder that does not exist', 'No such file', '--gdb', 'unix:' . tmp('no/where'));
refused('unknown drive option', 'none of', '--drive', '/dev/null,fast');
refused("faults of a drive: $_", 'fail=', '--drive', "/dev/null,$_")
    for map { "fail=$_" } '', split ' ', 'writes write:x write: write:9-8 write:1- flush:1 read#0 '
    . 'read:1# read#2-1 flush#- read:-1 read#1#2 read#1:2 read:+1 read:99999999999999999999';
refused('a power cut without a seed', 'not a number', '--drive', '/dev/null,cut=');
refused("sectors of a power cut: '$_'", 'is not SECTOR', '--drive', "/dev/null,cut=7:$_")
    for '', split ' ', '+1 1+ 3-1 -1 1- 1++2 1:2 x 0x10 1-99999999999999999999';
refused('nine faults', 'more than 8', '--drive', '/dev/null' . ',fail=read' x 9);
refused('missing disk', 'No such file', '--drive', tmp('nowhere.img'));
refused('missing program', 'No such file', tmp('nowhere.elf'));
refused('missing script', 'No such file', '-x', tmp('nowhere.ch'));
refused('a script that is a directory', 'Is a directory', '-x', tmp(''));
refused('missing kernel', 'No such file', '--kernel', tmp('nowhere'));
refused('unknown pace', 'neither', '--pace', 'fast');
refused('a limit that is no time', 'not a time', '--max-sim-time', 'soon');
refused('a file that is no saved machine', 'not a saved machine', '--load',
    spew(tmp('save'), 'x' x 100));

{   # A saved machine of a bare program can be loaded only with the name of that program.
    my $bare = compile_bare('loop.S', ".globl _start\n_start: j _start\n");
    clockhand('--max-instructions', 100, '--save', tmp('bare'), $bare);
    refused('a saved bare machine without its program', 'its ELF', '--load', tmp('bare'));
}

my $elf = slurp("$b/guest/kernel.elf");
for my $n (0, 3, 16, 63, 64, 100, 1000, length($elf) / 2) {
    refused("ELF of $n bytes", $n >= 64 ? 'truncated: ' : 'not an ELF file', spew(tmp('cut.elf'), substr $elf, 0, $n));
}
refused('ELF of another machine', 'not for RISC-V', '/bin/true');

# A mistake in a script: the message names its file and line.
for my $case (['frobnicate', 'unknown verb'], ['print 1 +', 'expression'],
    ['run-for sideways', 'no counter'], ['break', 'location'], ['x', 'address'],
    ['gdb-remote 1', 'verb'], ['run-for -1s', 'time'], ['stepi -1', 'count'],
    ["repeat -1\nend", 'count'], ['expect "x" -1s', 'time'], ['let x 1 / 0', 'zero'],
    ['set vm.fork 9', 'not in 0..1'],
    ['break page_fualt', 'did you mean page_fault'], ['run-for 99999999999999999999s', 'bits'])
{
    my $script = spew(tmp('bad.ch'), "# one\n$case->[0]\n");
    my ($status, $out, $err) = clockhand('-x', $script);
    my @lines = grep { /bad\.ch:2/ } split /\n/, $err;
    ok($status == 2 && @lines == 1 && $lines[0] =~ /$case->[1]/, "script: $case->[0]")
        or diag("status $status\nout: $out\nerr: $err");
}

{
    my ($status, undef, $err) = clockhand('--max-sim-time', '100ms', '-x', spew(tmp('to.ch'), "goto 1s\n"));
    is($status, 2, 'goto to a time after --max-sim-time');
    like($err, qr/goto: the machine stopped before that, at cycle 100\d{6}$/m, '... says so');
}

# Broken disks: the guest finds garbage, or a disk shorter than its file system.
sub panics {
    my ($what, @args) = @_;
    my ($status, $out, $err) = clockhand(@args, '-v', '--max-sim-time', '60s',
        '--run', 'cat /bin/busybox > /dev/null');
    ok($status != 0 && $status < 124 && "$out$err" =~ /panic|I\/O error/i,
        $what) or diag("status $status\nout: $out\nerr: $err");
}
srand 1;
panics('root image of garbage', '--drive', spew(tmp('garbage.img'),
    join '', map { chr rand 256 } 1 .. 1 << 20) . ',overlay');
my $root = slurp("$b/guest/root.img");
panics('disk shorter than its file system', '--drive',
    spew(tmp('short.img'), substr $root, 0, 1 << 20) . ',overlay');

done_testing();
