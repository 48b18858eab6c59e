#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# --policy-file runs a user's own policy, made from the template, in the guest.
use lib 'tests/lib';
use Clockhand;

$ENV{TMPDIR} = tmp('kernels');
mkdir $ENV{TMPDIR} or die;
my $template = slurp('tools/policy-template.c');

# Writes a copy of the template, which $change has edited as $_; returns its path.
sub policy {
    my ($name, $change) = @_;
    local $_ = $template;
    $change->() if $change;
    return spew(tmp($name), $_);
}

my $mine = policy('mine.c');
my @mine = ('--policy-file', $mine);
my @short = ('--timing', 'fast', '--ram', '8M');
my ($status, $out, $err) = clockhand(@mine, '--policy', 'list');
is($status, 0, '--policy list') or diag($err);
like($out, qr/^mine +first in, first out$/m, '... has one more row');

my $program = 'hog 1.15x 0';
($status, $out, $err) = clockhand(@mine, @short, '--hash', '--run', $program);
is($status, 0, 'a program that needs more than the memory') or diag($err);
like($out, qr/: 0 pages wrong/, '... reads back all it has written');
my ($hash) = $err =~ /^(hash \w+)$/m;
(undef, undef, $err) = clockhand(@mine, @short, '--hash', '--run', $program);
like($err, qr/^\Q$hash\E$/m, 'again: the same hash');
(undef, undef, $err)
    = clockhand('--policy', 'fifo', @mine, @short, '--hash', '--run', $program);
unlike($err, qr/^\Q$hash\E$/m, '--policy still chooses another policy');

# Last in, first out: another decision gives another number of evictions.
my $lifo = policy('lifo.c', sub { s/policy_first\(QUEUE\)/policy_last(QUEUE)/; s/mine/lifo/g });
my @victims;
for my $file ($mine, $lifo) {
    my $events = tmp('events.csv');
    clockhand('--policy-file', $file, @short, '--events',
        $events, '--max-sim-time', '1s', '--run', $program);
    push @victims, scalar grep { /,pageout,|,reclaim,|swap-out/ } split /\n/, slurp($events);
}
cmp_ok($victims[0], '!=', $victims[1], 'another rule, another number of evictions');

# A policy may leave less to the kernel than to programs. A program whose page table was refused a frame must wait
# for what the kernel may have: a frame for a page of its own was free, and the fault was tried again for ever.
my $stingy = policy('stingy.c', sub {
    s/const struct policy_ops/static bool may_grab(enum policy_grab kind, uint64_t n)
{
    return policy_free() >= n + (kind == GRAB_DAEMON ? 0 : kind == GRAB_KERNEL ? 60 : 8);
}
$&/;
    s/\.victim = victim,/$& .may_grab = may_grab,/;
});
($status, $out, $err) = clockhand('--policy-file', $stingy, @short, '--max-sim-time', '60s', '--run', $program);
is($status, 0, 'less for the kernel than for programs: all that wait go on') or diag($err);

# A policy's function written(frame) may take the frame at once. The written page may have gone to
# swap by policy_take or by policy_launder, or it may belong to a file or to tmpfs.
my $taker = sub {
    s/const struct policy_ops/static void written(uint32_t frame)
{
    policy_take(frame);
}
$&/;
    s/\.victim = victim,/$& .written = written,/;
};
my $launderer = sub {
    $taker->();
    s/policy_may_take\(frame\)\)/(policy_may_take(frame) &&
        policy_launder(frame) < 0 && !policy_dirty(frame)))/;
};
for (['takes.c', $taker], ['launders.c', $launderer]) {
    my ($name, $change) = @$_;
    ($status, $out, $err) = clockhand('--policy-file', policy($name, $change),
        @short, '--swap', '64M', '--run', 'seqread -c 9M '
            . '/root/f 1; dd if=/root/f of=/dev/shm/x bs=64k count=48; sync; '
            . 'hog 6M 1; cmp -n 3145728 /root/f /dev/shm/x && '
            . 'echo 1 > /proc/audit && echo sound');
    like($out, qr/: 0 pages wrong.*^sound$/ms,
        "$name: the policy takes a page as soon as it has been written") or diag($err);
}

# If only kicks wake a policy's thread, it runs once at the start, then once for each kick.
my $thread = policy('thread.c', sub { s/const struct policy_ops/
static struct policy_nap run(uint64_t now)
{
    uint64_t budget = policy_frames(), frame;
    policy_count_event(C_KSWAPD_FREE, 1);
    while (policy_free() + policy_writing() < 200 &&
           (frame = victim(&budget)) != POLICY_NONE &&
           policy_take((uint32_t)frame) >= 0)
        ;
    return (struct policy_nap){NAP_LONG, W_KICK};
}
static const struct policy_thread threads[] = {
    {"taker", run, ACTOR_PAGEOUT, true, false}, {0}};
$&/;
    s/\.victim = victim,/$& .threads = threads, .notions = POLICY_HAS(MM_SCAN),/;
});
($status, $out, $err) = clockhand('--policy-file', $thread, @short,
    '--run', 'hog 1.5x 0 > /dev/null; cat /proc/counters');
my %count = $out =~ /^(\w+) (\d+)$/mg;
cmp_ok($count{pageoutrun}, '>', 100, 'kicks wake a thread') or diag($err);
is($count{kswapd_free}, $count{pageoutrun} + 1, '... which runs once for each, and once at the start');

# This thread writes pages that stay in use. A store to a page that is being written
# waits for the disk, and counts as a major fault.
my $writer = policy('writer.c', sub { s/const struct policy_ops/
static struct policy_nap run(uint64_t now)
{
    uint64_t n = policy_count(QUEUE);
    for (; n && policy_write_room(); n--) {
        uint32_t frame = policy_first(QUEUE);
        policy_add_tail(QUEUE, frame);
        if (policy_kind(frame) == KIND_ANON)
            policy_launder(frame);
    }
    return (struct policy_nap){now + 1000000, 0};
}
static const struct policy_thread threads[] = {
    {"writer", run, ACTOR_PAGEOUT, true, false}, {0}};
$&/;
    s/\.victim = victim,/$& .threads = threads,/;
});
my $again = 'dd if=/dev/zero of=/dev/null bs=512k count=20; '
    . 'grep -E "^(pgmajfault|pswpin) " /proc/vmstat; ';
($status, $out, $err) = clockhand('--policy-file', $writer, @short, '--ram',
    '16M', '--run', $again x 2);
my @major = $out =~ /^pgmajfault (\d+)$/mg;
like($out, qr/^pswpin 0\n.*^pswpin 0$/ms, 'pages go to swap, and none is read back') or diag($err);
cmp_ok($major[1] - $major[0], '>', 20, '... stores wait: major faults');

# Errors in the file are reported before the guest starts.
my $typing = policy('typing.c', sub { s/return frame;/return fram;/ });
($status, undef, $err) = clockhand('--policy-file', $typing, '--run', 'true');
is($status, 2, 'a mistake in C');
like($err, qr/typing\.c:\d+:\d+: error: .*fram\b/, '... is shown by the compiler\'s message');
like($err, qr/^clockhand: \S*typing\.c: could not be built$/m, '... and one line of clockhand\'s');
my $unlinked = policy('unlinked.c', sub { s/return frame;/{ int absent(void); return absent(); }/ });
($status, undef, $err) = clockhand('--policy-file', $unlinked, '--run', 'true');
is($status, 2, 'a function that does not exist');
like($err, qr/unlinked\.c:29: undefined reference to .absent'/, '... is named, with its line');
sub one_line {
    my ($args, $why, $name) = @_;
    my ($status, undef, $err) = clockhand(@$args, '--run', 'true');
    is($status, 2, $name);
    like($err, qr/\Aclockhand: [^\n]*$why[^\n]*\n\z/, '... one line gives the reason');
}
my $nobody = policy('nobody.c', sub { s/^OWN_POLICY.*\n//m });
one_line([ '--policy-file', $nobody ], 'no OWN_POLICY', 'a file without OWN_POLICY');
one_line([ '--policy-file', tmp('absent.c') ], 'No such file', 'no file');
{
    local $ENV{CROSS} = 'no-such-';
    one_line(\@mine, 'no compiler', 'no compiler');
}

# Impossible decisions stop the kernel, or the run, with a message.
my @impossible = (
    ['a frame that does not exist', 'return frame;', 'return 0x7fffffff;',
        qr/panic: policy mine: victim: there is no frame 2147483647/],
    ['policy_take called within page_in', 'policy_add_tail(QUEUE, frame);',
        'policy_add_tail(QUEUE, frame); policy_take(policy_first(QUEUE));',
        qr/panic: policy mine: policy_take within page_in/],
    ['a policy that does not return', 'return frame;', 'for (;;) policy_used(frame);',
        qr/^clockhand: \S*no\.c:29: the policy does not return: endless loop in victim\(\);/m,
        qw(--clock 250000000 --max-sim-time 2s)]);
for (@impossible) {
    my ($name, $old, $new, $why, @more) = @$_;
    my $file = policy('no.c', sub { s/\Q$old\E/$new/ });
    ($status, undef, $err) = clockhand('--policy-file', $file, @short, @more, '--run', $program);
    is($status, 1, "$name: the run ends");
    like($err, $why, '... and the message says why');
}
my $stubborn = policy('stubborn.c',
    sub { s/return frame;/return 0;/ }); # frame 0: the kernel's
($status, undef, $err) = clockhand('--policy-file', $stubborn, @short, '--max-sim-time',
    '20s', '--run', $program);
cmp_ok($status, '>', 0, 'the run ends, too, if victim() always names a page that cannot be taken');
cmp_ok($status, '!=', 124, '... before the limit of time');
like($err, qr/^clockhand: --run: memory was exhausted/, '... for want of memory, not as an endless loop');

is_deeply([ glob("$ENV{TMPDIR}/clockhand-*") ], [], 'no kernel stays behind');
done_testing();
