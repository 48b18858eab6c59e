#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# /era/bin/play puts textbook reference strings through the kernel's own policies, with
# exact counts of faults. The kernel must keep the RSS limit on which play relies.
use lib 'tests/lib';
use Clockhand;

my %string = (
    belady => '1 2 3 4 1 2 5 1 2 3 4 5',
    book   => '7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1',
    loop   => join(' ', map { $_ % 50 } 1 .. 400),
);

# Returns the faults of a string with each of these numbers of frames, in one boot.
sub faults {
    my ($name, $frames, @options) = @_;
    my @refs  = split ' ', $string{$name};
    my $lines = join '\n', @refs;
    my ($out, $err) = succeeds("$name, @options: played", guest("printf '$lines\\n' >/tmp/s; "
            . "for n in $frames; do /era/bin/play /tmp/s --frames \$n || exit; "
            . 'done; echo 1 >/proc/audit', '--timing', 'fast', @options));
    is_deeply([ grep { $_ != @refs } $out =~ /^references (\d+)$/mg ], [],
        '... every reference was made');
    return join ' ', $out =~ /^faults (\d+)$/mg;
}

is(faults('book', '3 4', '--policy', 'lru', '--ad', 'fault'), '12 8',
    'lru, with A bits set by faults');
is(faults('belady', '3 4', '--policy', 'fifo', '--swap', '1M', '--ram', '8M'),
    '9 10', 'fifo, in a small machine');
my ($few, $fits) = split ' ', faults('loop', '40 50', '--policy', 'random');
cmp_ok($few, '<', 300, 'random: a loop does not fault each time');
is($fits, 50, '... and faults once a page when all fits');
is(faults('loop', '40', '--policy', 'linux612'), 400,
    'a policy without a rule for the RSS limit: a clock is used');

# The kernel's policies run on the host, too (vmsim), with the same strings: a process
# at its RSS limit must have the same faults as a memory of that many frames. (Books print
# the first two strings with their faults; see cli/vmsim.t.) The guest's lru is exact,
# because every use is reported to it; it is compared with the textbook's LRU.
$string{mixed} = join ' ', map { ($_ * $_ + 7 * $_) % 23 . ($_ % 3 ? '' : 'w') } 1 .. 300;
my %frames = (belady => '1 2 3 4 5 6 7', book => '1 2 3 4 5 6 7', loop => '40 49 50',
    mixed => '3 5 17');
for my $policy (qw(fifo clock lru)) {
    for my $name (sort keys %frames) {
        my $file = spew(tmp('string'), join "\n", (map { s/w/ w/r } split ' ', $string{$name}), '');
        my ($out) = succeeds("vmsim: $policy of $name", run_command('', build() . '/vmsim',
            '--json', '--policy', $policy eq 'lru' ? $policy : "guest:$policy", '--frames',
            $frames{$name} =~ tr/ /,/r, '--refs', $file));
        is(faults($name, $frames{$name}, '--policy', $policy),
            join(' ', map { json($_)->{faults} } split /\n/, $out),
            '... the guest has the same faults');
    }
}

my ($status, $out, $err)
    = guest(q(printf '# a\n 1 w # b\n\n!x 3\n2\r\n1\n2w' )
        . '| /era/bin/play - -v --frames 1');
is($out, <<'END', 'comments, blanks and ! lines are skipped, w is a write; -v') or diag($err);
   1w fault  in memory: 1
   2  fault  in memory: 2
   1  fault  in memory: 1
   2w fault  in memory: 2
references 4
faults 4
END
($out) = succeeds('an empty string is valid', guest('echo 1 >/tmp/s; /era/bin/play /tmp/s --frames 0; '
        . '/era/bin/play /tmp/none --frames 3; /era/bin/play --frames 3; '
        . 'echo x1 | /era/bin/play - --frames 3; echo $?; '
        . ': | /era/bin/play - --frames 3'));
is($out, "2\nreferences 0\nfaults 0\n", 'for a bad string or option no references are printed');

# lru learns of a use by a fault on a page that is in memory. The kernel counts this as
# a mark of use found and cleared (pgreferenced), not as a page fault or an illegal access.
(undef, $out) = guest('for i in 1 2 3 4 5 6 7 8 9; do seq 1 4; done >/tmp/s; '
        . 'n() { set -- $(grep "^$1 " /proc/vmstat); echo $2; }; '
        . 'a=$(n pgillfault) b=$(n pgreferenced); '
        . '/era/bin/play /tmp/s --frames 4 | tail -n 1; '
        . 'echo $(($(n pgillfault) - a)) $(($(n pgreferenced) - b))',
    '--policy', 'lru', '--timing', 'fast');
my ($illegal, $marks) = $out =~ /^faults 4\n(\d+) (\d+)$/;
is($illegal, 0, 'lru: a use seen by a fault is not counted as an illegal access') or diag($out);
cmp_ok($marks, '>=', 35, '... each is counted as a mark cleared');

# The RSS limit of any process is kept, and no page is lost.
my $limited = 'ulimit -m 64; md5sum </bin/busybox; grep -c . /etc/passwd; '
    . 'grep VmHWM /proc/self/status';
my ($sum) = (guest('md5sum </bin/busybox'))[1] =~ /^(\w+)/;
for my $policy (qw(fifo lru random mach97)) {
    my ($out) = succeeds("$policy: ulimit -m 64", guest("$limited; echo 1 >/proc/audit",
        '--timing', 'fast', '--policy', $policy));
    like($out, qr/^$sum .*^VmHWM:\s+(?:64|60) kB$/ms,
        "$policy: sixteen frames suffice and are never exceeded");
}
done_testing;
