#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Sends packets that no gdb sends: garbled, with numbers out of range, at the wrong time; tests
# clients that go away or never read, and the addresses at which the machine listens.
use lib 'tests/lib';
use IO::Socket::INET;
use Clockhand;
use Gdb;

my $spin = compile_bare('spin.s', ".globl _start\n_start: addi a0, a0, 1\n"
        . "j _start\n.balign 8\n.globl place\nplace: .dword 0x1122334455667788\n");

# ---- acknowledgements ----
my $machine = start($spin);
my $gdb = connect_raw($machine) or die 'no connection';
sub next_byte { sysread $gdb, my $byte, 1; return $byte }
syswrite $gdb, '$g#00';
is(next_byte(), '-', 'a wrong checksum is refused');
syswrite $gdb, packet('p20');
is(next_byte(), '+', 'a right checksum is taken');
my $pc = '0000008000000000';
is(answer($gdb), $pc, 'the reply to it');
syswrite $gdb, '-';
is(answer($gdb), $pc, 'the reply is sent again when gdb refuses it');
syswrite $gdb, "junk\r\n" . packet('p20');
is(answer($gdb), $pc, 'bytes between packets are skipped');
syswrite $gdb, '$p2' . packet('p20');
is(answer($gdb), $pc, 'a packet that was cut off is forgotten');

# ---- replies ----
my ($entry, $place) = ('80000000', '80000008');
for (['qSupported:swbreak+', qr/^PacketSize=4000;.*\bswbreak\+/, 'qSupported'],
    ['vMustReplyEmpty', qr/^\z/, 'an unknown v packet'],
    ['j', qr/^\z/, 'an unknown letter'], ['', qr/^\z/, 'an empty packet'],
    ['?', qr/^T05.*thread:10000;/, 'why the machine stands'],
    ["m$place,8", qr/^8877665544332211\z/, 'memory'],
    ["m$place,0", qr/^E01\z/,
        'no bytes of memory: an empty reply would say that m is unknown'],
    ['m0,8', qr/^E0e\z/, 'no memory at the address'],
    ['mffffffffffffffff,4000', qr/^E0e\z/, 'no memory at the last address'],
    ['m' . '1' x 17 . ',1', qr/^E01\z/, 'an address of 17 digits'],
    ["m$place", qr/^E01\z/, 'without a length'],
    ["m$place,8x", qr/^E01\z/, 'a length with a letter behind it'],
    ["M$place,2:1", qr/^E01\z/, 'half a byte'],
    ["M$place,2:zz", qr/^E01\z/, 'no digits'],
    ['M0,1:00', qr/^E0e\z/, 'a write where there is no memory'],
    ["X$place,3:ab", qr/^E01\z/, 'fewer bytes than it says'],
    ["X$place,0:", qr/^OK\z/, 'X is known'],
    ["X$place,2:}\x03}]", qr/^OK\z/, 'bytes with escapes'],
    ["m$place,3", qr/^237d66\z/, '... are written'],
    ['p1042', qr/^E01\z/, 'a register that does not exist'],
    ['pffffffffffffffff', qr/^E01\z/, 'the last register number'],
    ['P20=00', qr/^E01\z/, 'half a register'],
    ['P1042=0000000000000000', qr/^E01\z/,
        'a register that does not exist is not written'],
    ['P1041=0200000000000000', qr/^E01\z/, 'a privilege that does not exist'],
    ['G00', qr/^E01\z/, 'half of all registers'],
    ['Hg5', qr/^E01\z/, 'a thread that does not exist'],
    ['HgZ', qr/^E01\z/, 'a thread that is no number'],
    ['T5', qr/^E01\z/, 'thread 5 is not alive'],
    ['Hg-1', qr/^OK\z/, 'any thread'], ['qC', qr/^QC10000\z/,
        'the only thread'],
    ['Z5,0,1', qr/^E01\z/, 'a breakpoint of a kind that does not exist'],
    ['Z2,ffffffffffffffff,2', qr/^E01\z/,
        'a watchpoint across the end of the address space'],
    ["Z2,$place,0", qr/^E01\z/, 'a watchpoint of 0 bytes'],
    ["z0,$entry,2", qr/^OK\z/, 'a breakpoint that is not there is removed'],
    ['vCont', qr/^E01\z/, 'vCont of nothing'],
    ['vCont;x', qr/^E01\z/, 'an unknown action'],
    ['vCont;s:5', qr/^E01\z/, 'a step of a thread that does not exist'],
    ['qRcmd,7', qr/^E01\z/, 'half a letter'],
    ['qRcmd,7000', qr/^E01\z/, 'a NUL in a command'],
    ['qXfer:features:read:other.xml:0,10', qr/^\z/, 'no such annex'],
    ['qXfer:features:read:target.xml:0,10', qr/^m<\?xml version="1\z/,
        'the first piece of an object'],
    ['qXfer:threads:read::40,40', qr/^l="hart">no process</,
        'a later piece of another object comes from that object'],
    ['qXfer:features:read:target.xml:fffff,10', qr/^E01\z/,
        'past the end of the annex'],
    ['qXfer:features:read:target.xml:0', qr/^E01\z/, 'no length'],
    ['b', qr/^E01\z/, 'backwards, but neither a step nor continue'],
    ['bs', qr/^T05replaylog:begin;/, 'a step back from the beginning'],
    ['bc', qr/^T05replaylog:begin;/, 'continue back from the beginning'],
    ["vCont;s:10000", qr/^T05/, 'a step'],
    ['p20', qr/^(02|04)0000/, '... of one instruction'])
{
    my ($data, $want, $what) = @$_;
    like(ask($gdb, $data) // 'nothing', $want, $what);
}
my $all = 0;
$all++ while $all < 300 && (ask($gdb, sprintf 'Z1,%x,2', 0x90000000 + 2 * $all) // '') eq 'OK';
is($all, 256, '256 breakpoints and no more');
syswrite $gdb, '$' . 'a' x 100_000 . '#00';
is(next_byte(), '-', 'a packet of 100,000 bytes is refused');
like(ask($gdb, 'p20'), qr/^0\d/, 'the next packet is answered');
is(ask($gdb, 'QStartNoAckMode'), 'OK', 'acknowledgements are switched off');
is(ask($gdb, 'qC'), 'QC10000', 'a packet without acknowledgement');

# ---- while the machine runs ----
$pc = unpack 'Q<', pack 'H*', ask($gdb, 'p20');
syswrite $gdb, packet(sprintf 'C0c;%x', $pc); # the c of signal 0c is not a packet c
is(answer($gdb, .3), undef, 'no answer while the machine runs');
is(ask($gdb, 'g'), 'E01', 'no registers while the machine runs');
my $second = connect_raw($machine);
is($second && sysread($second, my $none, 1), 0, 'a second gdb is turned away');
syswrite $gdb, "\x03";
like(answer($gdb), qr/^T02/, 'interrupted');
syswrite $gdb, packet('qRcmd,' . unpack 'H*', 'run-until 0');
sleep 1;
syswrite $gdb, "\x03";
my $said;
1 while defined($said = answer($gdb)) && $said =~ /^O[0-9a-f]/;
is($said, 'OK', 'a verb that would never end is interrupted, too');
syswrite $gdb, packet('c');
close $gdb;
$gdb = connect_raw($machine);
like(ask($gdb, '?'), qr/^T05/, 'the next gdb finds the machine halted');
is(ask($gdb, "m90000000,2"), 'E0e', '... the machine answers its packets');
like(ask($gdb, 'vKill;1'), qr/^OK/, '... and is killed by that gdb');
is((finish_machine($machine))[0], 0, '... with exit status 0');

# ---- a client that never reads ----
$machine = start($spin);
$gdb = connect_raw($machine);
syswrite $gdb, packet('QStartNoAckMode');
my $asks = packet('qXfer:features:read:target.xml:0,3fff') x 200;
$gdb->blocking(0);
syswrite $gdb, $asks for 1 .. 20;
sleep 1;
close $gdb;
$gdb = undef;
for (1 .. 200) {
    last if ($gdb = connect_raw($machine)) && defined ask($gdb, '?', 1);
    select undef, undef, undef, .1;
}
ok($gdb && ask($gdb, 'qC'), 'a client that never reads does not keep the next one out');
syswrite $gdb, packet('k');
finish_machine($machine);

# ---- where it listens ----
my $holder = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die "socket: $!";
my $port = $holder->sockport;
my ($status, $out, $err) = clockhand('--gdb', $port, $spin);
is("$status $out", '2 ', 'a port that is taken: exit status 2');
is($err, "clockhand: --gdb: port $port: Address already in use\n", '... and one line says so');
($status, $out, $err) = clockhand('--gdb', 'unix:' . spew(tmp('file'), 'mine'), $spin);
is($status, 2, 'a path that is a file: exit status 2');
is(slurp(tmp('file')), 'mine', '... and the file is left alone');

my $log = tmp('log');
my $pid = fork // die;
if (!$pid) {
    open STDERR, '>', $log        or die;
    open STDIN,  '<', '/dev/null' or die;
    exec build() . '/clockhand', '--gdb', '0', $spin or die;
}
for (1 .. 200) {
    last if slurp($log) =~ /localhost:(\d+)\n/;
    select undef, undef, undef, .05;
}
($port) = slurp($log) =~ /localhost:(\d+)\n/;
ok($port, 'port 0: the machine finds a free port');
my $hex = sprintf '%04X', $port // 0;
like(slurp('/proc/net/tcp'), qr/^ *\d+: 0100007F:$hex 0{8}:0000 0A /m, 'it listens on localhost');
unlike(slurp('/proc/net/tcp') . slurp('/proc/net/tcp6'),
    qr/^ *\d+: (?!0100007F)[0-9A-F]+:$hex \S+ 0A /m, '... and nowhere else');
my $tcp = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port");
is(ask($tcp, 'qC'), 'QC10000', '... and answers there');
syswrite $tcp, packet('k');
waitpid $pid, 0;
is($?, 0, 'k ends it');
done_testing;
