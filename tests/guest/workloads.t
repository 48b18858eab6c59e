#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests the workloads, and that tools/experiments has a script with comments and claims for them. Each workload
# checks itself; here memory and files are also damaged from outside, to show that the checks can fail.
use lib 'tests/lib';
use Clockhand;

# ---- every workload has an experiment, which explains itself to a newcomer ----
# (claims.t runs them.)
my %experiment = map { m{([^/]+)\.ch$} => $_ } glob 'tools/experiments/*.ch';
for my $name (qw(hog hog-swap seqread randread ccmix forktree idled cow
    pressure))
{
    ok($experiment{$name}, "$name has an experiment") or next;
    my $text = slurp($experiment{$name});
    my @comments = $text =~ /^#(?! options)/mg;
    ok(@comments >= 4, '... explains itself');
    like($text, qr/^claim/m, '... and has claims');
}

# As in hog-swap.ch, but with twice RAM instead of three times, and in less memory.
like((guest('hog 2x 2', '--ram', '8M', '--swap', '32M', '--timing', 'fast'))[1],
    qr/ forked 2, read all back: 0 pages wrong/, 'three processes read back what they wrote');

# ---- sizes as arguments ----
my $all = <<'SH';
hog 64K 1; echo $?; hog 0.25x; echo $?; hog 1M 0; echo $?; hog 1M 7; echo $?
seqread -b 4K /sbin/init 3; echo $?; seqread -m -b 8K /sbin/init; echo $?
seqread -c 256K /tmp/made 1; echo $?; seqread -k /tmp/made 1; echo $?; printf x | dd of=/tmp/made bs=1 seek=9000 conv=notrunc 2>/dev/null; seqread -k /tmp/made 1 2>/dev/null; echo bad=$?
randread -s 7 /sbin/init 10; echo $?; randread -m /sbin/init 5000; echo $?
ccmix -j 3 -d /dev/shm 5 300K; echo $?; ccmix 0; echo $?
forktree 0; echo $?; forktree 1 20; echo $?; forktree 6 1 1M; echo $?
idled -n 2 -p 1 16K; echo $?
SH
my ($status, $out, $err) = guest($all);
is($status, 0, 'the workloads with other sizes');
is($err, '', '... without an error message');
my @status = $out =~ /^(\d+)$/mg;
is_deeply(\@status, [ (0) x 16 ], '... each with status 0') or diag($out);
like($out, qr/^hog: wrote 64 KiB .* forked 1, read all back: 0 pages wrong/m,
    'hog counts its pages');
like($out, qr/^seqread: \/tmp\/made: pass 1: 256 KiB in/m, 'seqread counts its bytes');
like($out, qr/^bad=1$/m, '... and notices a wrong byte');
like($out, qr/^ccmix: 5 units of 300 KiB, 3 at once, in \/dev\/shm: 0 pages/m,
    'ccmix counts its pages');
like($out, qr/^forktree: 21 processes of 21/m, 'a wide tree');
like($out, qr/^forktree: 7 processes of 7/m, 'a deep tree');

for my $bad ('hog 1Q', 'hog x', 'hog 1M 8', 'hog 1M 1 1', 'seqread -c 1M',
    'seqread -q', 'seqread -c', 'seqread /none', 'randread /etc', 'randread -s', 'ccmix -j 0',
    'ccmix 9999', 'forktree 13', 'forktree 1 a', 'idled -p x', 'idled 1M 1M',
    'wild 1:', 'wild 10000000000000000', "wild ''", 'chase 2305843009213693953 8',
    'spaces 5000', 'poke', 'poke 0 r', 'poke 2 r2', 'poke 1 x', 'poke 1 c:r', 'poke 1 t', 'poke 1 h1',
    'poke 4503599627370497 r0', 'poke 4 r3-1', 'poke 4 r18446744073709551617', 'hog 18446744073709551617',
    '/era/linux26/bin/vmstat 18446744073709552 1')
{
    my ($status, $out, $err) = guest($bad);
    is($status, 2, "$bad: refused");
    is(() = $err =~ /\n/g, 1, '... with a message of one line');
}

# ---- chase loads in groups of eight; it must make all loads that it counts ----
my @each = map { (guest("chase 131072 64 $_"))[1] =~ /: ([\d.]+) cycles each/ } 8, 15;
# (Without seven of the 15 loads, the cycles for each would halve; a DRAM refresh adds a fifth.)
cmp_ok($each[1], '>', .75 * $each[0], 'chase: each of 15 loads costs at least 3/4 of each of 8');

# ---- requests that cannot be met ----
($status, $out, $err) = guest('hog 64M 0', '--set', 'vm.overcommit_memory=2');
is($status, 2, 'hog, whose mapping overcommit refuses: status 2');
like($err, qr/^hog: mmap: error 12$/, '... says so');
($status, $out, $err) = guest('forktree 8 2 4K');
is($status, 2, 'more processes than are possible');
like($out, qr/^forktree: (\d+) processes of 511, 4 KiB each, (\d+) forks refused, 0 pages wrong/,
    'forks are refused, no page is wrong');

# ---- the checks can fail ----
# Three runs, each up to the end of the verbs in $when, find the pid of $name, a mapping and the physical
# address of a place in it. A last run damages two bytes there, and goes on with the verbs in $then.
sub damaged {
    my ($command, $name, $when, $like, $then) = @_;
    my $start = "expect \"# \" 60s\nsend \"$command\\n\"\n$when\n";
    my (undef, $out) = clockhand('-x', spew(tmp('a.ch'), "${start}json info ps\n"));
    my ($ps) = map { json($_) } grep { /^\[\{"pid"/ } split /\n/, $out;
    my ($pid) = map { $_->{pid} } grep { $_->{name} eq $name } @$ps;
    (undef, $out) = clockhand('-x', spew(tmp('a.ch'), "${start}json pmap $pid\n"));
    my ($map) = map { json($_) } grep { /^\{"pid"/ } split /\n/, $out;
    # Of the mappings whose name $like matches, the one with the most resident pages (4 at least).
    my ($m) = sort { $b->{resident_pages} <=> $a->{resident_pages} }
        grep { $_->{name} =~ $like && $_->{resident_pages} > 3 }
        @{ $map->{mappings} };
    return diag("no mapping in $out") if !$m;
    my $va = sprintf '%s + 0x3008', $m->{start};
    (undef, $out) = clockhand('-x', spew(tmp('a.ch'), "${start}json walk $va $pid\n"));
    my ($walk) = map { json($_) } grep { /^\{"va"/ } split /\n/, $out;
    my $script = "${start}set u8[pa:$walk->{pa}] = 0x5a\n"
        . "set u8[pa:$walk->{pa} + 1] = 0xa5\n$then\n";
    return clockhand('-x', spew(tmp('a.ch'), $script));
}
($status, $out, $err) = damaged('idled -n 20 -p 10 256K; echo status $?',
    'idled', 'run-for 150ms', qr/^\[anon\]/, "expect \"pages wrong\" 20s\nrun-for 20ms");
like($out, qr/, 1 pages wrong\r?\nstatus 1/, 'idled notices a damaged page') or diag($out, $err);
($status, $out, $err) = damaged('hog 6M 0; echo status $?', 'hog',
    "catch demand-zero if demand_zero >= 1000\ncontinue\ndelete", qr/^\[anon\]/, "expect \"pages wrong\" 20s\nrun-for 20ms");
like($out, qr/hog: page \d+ at 0x[0-9a-f]+ is wrong in the parent/,
    'hog notices a damaged page') or diag($out, $err);
like($out, qr/: 1 pages wrong.*\r?\nstatus 1/, '... and counts it');

done_testing();
