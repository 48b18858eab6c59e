#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Types at the guest's terminal through QEMU's serial port (jobcontrol.t tests the rules
# of terminals). A burst of typed text must arrive without the loss of a byte.
use lib 'tests/lib';
use Clockhand;
use Qemu;

my $tty = qemu_boot();
$tty->step('', '\P', 'a prompt');
$tty->step('echo a$((1+2))b\r', '\na3b\n\P', 'a command');
$tty->step('tty; test -t 0 && echo is a terminal\r', '/dev/console\nis a terminal\n\P',
    'the console is a terminal');
$tty->step('sleep 100; echo st=$?\r', 'sleep 100.*\n', 'sleep runs');
$tty->rest(300);
$tty->step('\x03', '\^C', 'Ctrl-C echoes');
$tty->step('echo st=$?\r', 'st=130\n\P', '... and interrupts the command');
$tty->step('sleep 100\r', 'sleep 100\n', 'a job');
$tty->rest(300);
$tty->step('\x1a', 'Stopped +sleep 100\n.*\P', 'Ctrl-Z stops it');
$tty->step('kill -9 %1; wait; echo ok\r', '\nok\n.*\P', '... and it is killed');
$tty->step('stty -icanon -echo min 1; dd bs=1 count=3 2>/dev/null | od -An -c; '
    . 'stty icanon echo; echo back\r', 'echo back\n', 'non-canonical mode');
$tty->rest(500);
$tty->step('x\x04y', 'x 004 +y\nback\n.*\P', 'keys arrive one by one, Ctrl-D too');
$tty->step('exit 3\r', 'init: the shell has ended.*\n', 'init notices that the shell ended');
$tty->step('\r', '\P', 'another shell');
$tty->send("poweroff -f\r");
is($tty->finish, 0, 'power-off');

# A burst of text comes faster than the guest reads.
my $lines = 1200;
my $burst = join('', map { "echo line_$_\n" } 1 .. $lines)
    . "cat > /tmp/big\n"
    . join('', map { "$_\n" } 1 .. 20_000)
    . "\x04md5sum < /tmp/big\npoweroff -f\n";
$tty = qemu_boot(timeout => 120);
my $pid = fork // die;
if (!$pid) {
    $tty->send(substr $burst, 0, 4000, '') while length $burst;
    require POSIX;
    POSIX::_exit(0);
}
my $sum = qx{seq 1 20000 | md5sum};
my ($hex) = split ' ', $sum;
my $all = $tty->expect(qr/$hex  -\n/, 100);
ok(defined $all, '20000 lines of pasted text arrive unchanged');
$all //= $tty->seen;
# Each line appears twice: once echoed, once printed.
my %times;
$times{$1}++ while $all =~ /line_(\d+)/g;
my @lost = grep { ($times{$_} // 0) < 2 } 1 .. $lines;
is("@lost", '', "$lines commands typed ahead all ran");
waitpid $pid, 0;
$tty->finish;

done_testing();
