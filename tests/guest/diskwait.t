#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# While one process waits for the disk, another one runs (001-32). A computing loop runs beside three
# processes in turn: one reads a file by faults, one by read(), one has its memory in swap. Each must
# wait for the disk most of the time, and the loop must get nearly all the time that the process does
# not use itself. (A kernel that polls the disk charges the wait to the waiting process, which then
# shares the processor with the loop.) SOAK=1: in cycle timing, too.
use lib 'tests/lib';
use Clockhand;

# The shell function `ticks` prints ticks of 10 ms: those used by the loop (words 14 and 15 of its
# stat), those used by the children for which the shell has waited, and those of the clock.
my $ticks = 'ticks() { read -r x x x x x x x x x x x x x u s x < /proc/$L/stat; '
    . 'read -r x x x x x x x x x x x x x x x cu cs x < /proc/$$/stat; '
    . 'read -r up x < /proc/uptime; '
    . 'echo "ticks: $((u + s)) $((cu + cs)) ${up%.*}${up#*.}"; }; ';
my %work = (
    'a file by faults' => ['seqread -c 4M /root/f 1 >/dev/null; sync; echo 3 >/proc/sys/vm/drop_caches',
        'seqread -k -m /root/f 1'],
    'a file by read()' => ['seqread -c 4M /root/f 1 >/dev/null; sync; echo 3 >/proc/sys/vm/drop_caches',
        'seqread -k -b 4K /root/f 1'],
    # play uses 40 pages in turn, in 20 frames: each use reads its page from swap.
    'memory in swap' => ['for i in 1 2 3 4 5 6 7 8 9 10; do seq 1 40; done > /tmp/s',
        '/era/bin/play /tmp/s --frames 20']);
for my $timing ('fast', $ENV{SOAK} ? 'cycle' : ()) {
    for my $what (sort keys %work) {
        my ($before, $run) = @{ $work{$what} };
        my ($out) = succeeds("$what, $timing", guest("$ticks $before; "
                . "while :; do :; done & L=\$!; ticks; $run >/dev/null; ticks; kill \$L",
            '--timing', $timing, '--ram', '8M', '--set', 'vm.read_ahead_pages=0',
            '--set', 'vm.page-cluster=0'));
        my @t = map { [split] } $out =~ /^ticks: (.*)$/mg;
        my ($loop, $own, $all) = map { $t[1][$_] - $t[0][$_] } 0 .. 2;
        my $wait = $all - $own;
        note("$what, $timing: $all ticks; the process itself $own, the loop $loop");
        cmp_ok($wait, '>', .75 * $all, "... it waits for the disk most of the time: $wait of $all ticks");
        cmp_ok($loop, '>', .9 * $wait, "... and the loop gets these ticks: $loop");
    }
}
done_testing();
