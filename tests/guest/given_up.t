#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A search through the past that takes longer than a second shows its progress, and
# Ctrl-C gives it up: the machine then stands where it stood, and can run on.
use lib 'tests/lib';
use Time::HiRes qw(time);
use Clockhand;
use Pty;

my $prompt = qr/\(clockhand\) \z/;
my $m = Pty->start(24, 100, build() . '/clockhand', '--monitor', '--ram', '8M', '--pace', 'max');
sub ask {
    my ($line, $seconds) = @_;
    $m->send("$line\n");
    $m->expect(qr/\Q$line\E\r?\n/, 20);
    return ($m->expect($prompt, $seconds // 20) // '') =~ s/\e\[[\d?]*[a-zA-Z]//gr;
}
$m->expect($prompt, 20);
ask('console off');
ask('expect "# " 60s', 60);
ask('send "while true; do ls -lR / >/dev/null; done\n"');
ask('run-for 1s', 120);
# No program maps the address 0x1000, so the watchpoint is never hit; but every access is checked.
ask('watch u32[0x1000]');
my ($cycle) = ask('print cycle') =~ /(\d+)/;
my ($hash)  = ask('hash', 60) =~ /hash (\w+)/;
ok($cycle && $hash, 'the guest has run for a second');
my $started = time;
$m->send("reverse-continue\n");
my $told = $m->expect(qr/on the way through the past: \d+ % \(Ctrl-C gives up\)/, 60);
ok($told, 'progress is shown') or diag($m->{seen});
cmp_ok(time - $started, '>', 1, '... after a second');
$m->send("\003");
like($m->expect($prompt, 60) // '', qr/reverse-continue: given up: the machine stands where it stood/,
    'Ctrl-C gives it up');
is((ask('print cycle') =~ /(\d+)/)[0], $cycle, '... at the same cycle');
is((ask('hash', 60) =~ /hash (\w+)/)[0], $hash, '... with the same hash');
ask('delete');
like(ask('run-for 1ms', 60), qr/cycle/, '... and the machine runs on');
my ($after) = ask('print cycle') =~ /(\d+)/;
# The machine stops at the end of the instruction that is under way after 1 ms.
ok($after >= $cycle + 1_000_000 && $after < $cycle + 1_001_000,
    '... from the present') or diag($after);
$m->send("quit\n");
is($m->finish(10), 0, 'ends with status 0');
done_testing;
