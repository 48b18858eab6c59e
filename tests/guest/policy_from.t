#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# tools/policy-from copies a built-in policy into one file. The copy, linked beside the original,
# must evict the same pages in vmsim, on a reference string. Then the guest runs with the copy, and
# vmsim replays that run with the original: same calls, same victims. SOAK=1 tests all policies; else
# three with several files, with lists, and one with page-table walks. (deb.t tests arc, which has one file.)
use lib 'tests/lib';
use Clockhand;

$ENV{CLOCKHAND} = build() . '/clockhand';
my $vmsim    = build() . '/vmsim';
my @policies = map { /^(\w+)/ } split /\n/, (clockhand('--policy', 'list'))[1];
cmp_ok(scalar @policies, '>=', 16, 'at least 16 policies are listed');
my $string = join '', map { ($_ % 7 ? $_ * $_ % 61 : $_ % 200) . ($_ % 3 ? "\n" : " w\n") } 1 .. 3000;

for my $name ($ENV{SOAK} ? @policies : qw(linux24 solaris8 mach97)) {
    my $file = tmp("mine_$name.c") =~ s/(mine_\w{1,10})\w*/$1/r;
    my ($new) = $file =~ /(\w+)\.c$/;
    my ($status, undef, $err) = run_command('', 'tools/policy-from', $name, $file);
    is("$status$err", '0', "$name: copied");
    my ($mine, $its) = map {
        (run_command($string, $vmsim, '--policy-file', $file, '--policy', "guest:$_",
            qw(--frames 40 --trace --json)))[1] =~ s/"policy": "[^"]*"//gr
    } $new, $name;
    ok($mine =~ /"victims": \[\{/, '... the copy evicts pages in vmsim');
    ok($mine eq $its, '... the same as the original');
    ($status, undef, $err) = guest('hog 1x 0', '--policy-file', $file, qw(--ram 6M --swap 64M --timing
        fast --refs), tmp('refs'));
    is("$status$err", '0', '... the copy runs in the guest, beside the original');
    ($status, my $out) = run_command('', $vmsim, '--replay', tmp('refs'), '--policy', "guest:$name");
    like($out, qr/^$name: all alike: .*, [1-9]\d{3,} victims/, '... replayed: the same victims') or diag($out);
    my ($other) = grep { $_ ne $name } qw(clock linux612);
    ($status, $out) = run_command('', $vmsim, '--replay', tmp('refs'), '--policy', "guest:$other");
    is($status, 1, "... but not those of $other");
    like($out, qr/^$other: differs at cycle \d+.*^  replayed: ./ms, '... and the first difference is shown');
}

# The replay must see that a copy has been changed.
my $file = tmp('arc2.c');
run_command('', 'tools/policy-from', 'arc', $file);
spew($file, slurp($file) =~ s/policy_first\((\w+)\)/policy_last($1)/r);
guest('hog 1x 0', '--policy-file', $file, qw(--ram 6M --timing fast --max-sim-time 2s --refs), tmp('refs'));
my ($status, $out) = run_command('', $vmsim, '--replay', tmp('refs'), qw(--policy guest:arc));
is($status, 1, 'a changed copy: other victims');
like($out, qr/^arc: differs at cycle \d+/, '... and the first difference is named');

# A long run of vmsim is not taken for an endless loop in the policy. No shell may see TMPDIR's `;`.
mkdir $ENV{TMPDIR} = tmp('a; exit') or die;
succeeds('a long run', run_command(join('', map { $_ * 7919 % 9973 . "\n" } 1 .. 400_000), $vmsim, '--policy-file',
    $file, qw(--mrc --policy mru)));
spew($file, slurp('tools/policy-template.c') =~ s/return frame;/for (;;) policy_used(frame);/r);
($status, undef, my $why) = run_command($string, $vmsim, '--policy-file', $file, qw(--frames 3));
is("$status $why", "3 vmsim: arc2.c:29: the policy does not return: endless loop in victim()\n", 'an endless loop');
system(build() . '/guest/kit/build', $file, tmp('mine.so'));
like(`cd @{[tmp()]} && @{[Cwd::abs_path($vmsim)]} --policy-file mine.so --policy list`, qr/^guest:mine /m, 'mine.so');
for (['tools/policy-from', 'nosuch', tmp('x.c'), 'no policy'], ['tools/policy-from', 'arc', $file, 'File exists'],
    ['tools/policy-from', 'arc', tmp('a_name_too_long_for_it.c'), 'at most 14']) {
    my $why = pop @$_;
    ($status, undef, my $err) = run_command('', @$_);
    is($status, 2, "refused: $why");
    like($err, qr/\Apolicy-from: [^\n]*$why[^\n]*\n\z/, '... in one line');
}
like((run_command('', 'tools/policy-from'))[2], qr/in vmsim always; in the guest, if/, 'no arguments: usage');
done_testing;
