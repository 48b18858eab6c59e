#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A policy must decide alike in the guest under pressure and in the simulator on the host. The
# simulator replays the guest's record (--refs). There the policy must make the same calls to the
# kernel, and choose the same victims in the same order; else the simulator must name both victims at
# the first difference. (SOAK=1: all policies run, in cycle timing; else eight of different kinds, in fast timing.)
use lib 'tests/lib';
use Clockhand;

my $b = build();
my @policies = map { /^(\w+)/ } split /\n/, (clockhand('--policy', 'list'))[1];
cmp_ok(scalar(@policies), '>=', 16, '--policy list names at least 16');
@policies = qw(clock sunos bsd43 fifo arc linux26 linux612 mach97) if !$ENV{SOAK};

sub replay {
    my ($program, @arguments) = @_;
    my ($status, $out, $err) = run_command('', $program, @arguments);
    return ("$status $err", $out);
}

for my $policy (@policies) {
    my $file = tmp($policy);
    my ($status, $out, $err) = guest('hog 1x', '--policy', $policy, '--ram', '6M',
        '--swap', '64M', '--timing', $ENV{SOAK} ? 'cycle' : 'fast', '--refs', $file);
    is("$status $err", '0 ', "$policy: a run under pressure");
    ($status, $out) = replay("$b/vmsim", '--replay', $file, '--victims', 5);
    is($status, '0 ', "$policy: replayed, it decides alike") or diag($out);
    my $all = qr/all alike: \d+ calls to the policy, (\d+) calls it made to the kernel/;
    my ($calls, $victims) = $out =~ /^$policy: $all, (\d+) victims \(digest [0-9a-f]{16}\)$/m;
    cmp_ok($calls // 0, '>', 10_000, '... over many calls');
    cmp_ok($victims // 0, '>', 1000, '... with many victims');
    is(scalar(() = $out =~ /^(?:policy_)?\w+ \d+$/mg), 5, '... and the first five are shown');
}

my $whole = slurp(tmp('fifo'));
for my $part ([ 'cut short', substr $whole, 0, length($whole) / 2 ], [ 'of zeros', "\0" x 100 ],
    [ 'empty', '' ]) {
    my ($status, $out) = replay("$b/vmsim", '--replay', spew(tmp('part'), $part->[1]));
    like("$status$out", qr/^2 vmsim: \S*part: \w.*\n\z/, "a file that is $part->[0] is refused");
}
my ($status) = clockhand(compile_bare('bare.s', ".globl _start\n_start: la t0, tohost\nli t1, 1\nsd t1, 0(t0)\n1: j 1b\n.data\n.globl tohost\ntohost: .dword 0\n"),
    '--refs', tmp('bare'));
is($status, 0, 'a bare program with --refs');
($status, my $out) = replay("$b/vmsim", '--replay', tmp('bare'));
like($status, qr/^2 .*no calls across/, '... leaves nothing to replay');

# A policy with one changed constant must be seen to differ when it replays the same record.
SKIP: {
    skip 'objects with sanitizers', 8 if $b =~ /san/;
    my %changed = (
        linux26 => sub { s/(#define CLUSTER +)32u/${1}64u/ },
        sunscan => sub { s{larger\(maxpgio / 4, 1\)}{larger(maxpgio / 2, 1)} });
    my @host = map { "$b/host/$_" } 'tools/vmsim/refs_read.o', 'tools/vmsim/unzip.o', 'tools/vmsim/shared.o', 'tools/vmsim/kernels.o', 'guest/kernel/vm/framelist.o';
    my $main = spew(tmp('main.c'), "int replay_file(const char *, unsigned long, const char *);\n"
            . "int main(int n, char **v)\n{\n    return replay_file(v[n - 1], 0, 0);\n}\n");
    for my $name (sort keys %changed) {
        my $text = slurp(glob "guest/kernel/policy/*/$name.c");
        my $before = $text;
        $changed{$name}->() for $text;
        isnt($text, $before, "$name.c is built with another constant");
        my @others = grep { !m{/$name\.o$} } map { "$b/host/$_" =~ s/c$/o/r }
            glob('guest/kernel/policy/*.c guest/kernel/policy/*/*.c tools/vmsim/replay/*.c');
        system($ENV{CC} || 'gcc', qw(-std=gnu11 -O1 -w -I. -Iemu -Iguest -Iguest/abi -Iguest/kernel), '-o', tmp('other'),
            $main, spew(tmp("$name.c"), $text), @others, @host, "$b/emu/base.a", '-lzstd') == 0 or die;
        my ($status, $out) = replay(tmp('other'), tmp($name eq 'sunscan' ? 'sunos' : $name));
        is($status, '1 ', '... replayed, it differs');
        my ($took, $takes) = $out =~ /then (\w+) of frame \d+$/mg;
        like($out, qr/^\w+: differs at cycle \d+, after \d+ victims that were alike\n  recorded: /,
            '... at a cycle that is named');
        ok($took && $takes, '... and both victims are named') or diag($out);
    }
}
done_testing;
