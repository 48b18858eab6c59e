#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The booted kernel has the thresholds that each system computes from the size of memory
# (test_policy_marks.c tests the policies alone, at more sizes). The expected
# values are worked out from the systems' sources.
use lib 'tests/lib';
use Clockhand;

# By policy: names of the numbers, then their values in 8, 16 and 64 MiB.
my %table = (
    sunos => [ 'lotsfree desfree minfree throttlefree pageout_reserve cachefree handspread',
        '128 64 32 32 16 128 1024', '128 64 32 32 16 128 2048', '256 128 64 64 32 256 8192' ],
    bsd43 => [ 'lotsfree desfree minfree slowscan fastscan handspread', ('128 50 16 100 200 512') x 3 ],
    mach97 => [ 'min low high', '15 45 55', '15 65 81', '15 188 234' ],
    gnumach99 => [ 'min low high ext_limit ext_target', '50 79 89 999 499', '50 100 115 2023 1011',
        '50 223 269 8167 4083' ],
    (map { $_ => [ 'min low high', '16 32 48', '32 64 96', '128 256 384' ] } qw(linux240t kpaged linux24)),
    linux26 => [ 'min low high', ('32 64 96') x 2, '64 128 192' ],
    (map { $_ => [ 'min low high', '90 112 134', '128 160 192', '256 320 384' ] }
            qw(linux612 clock arc fifo random)),
);
$table{solaris8} = $table{sunos};
for my $policy (sort keys %table) {
    my ($names, @values) = @{ $table{$policy} };
    my @names = split ' ', $names;
    for my $mib (8, 16, 64) {
        my $levels = shift @values;
        my $ask = spew(tmp('marks.ch'), join "\n", 'expect "# " 60s',
            'send "grep -E \'^ +(min|low|high) \' /proc/zoneinfo\n"' =~ s/\n/\\n/r, 'expect "high" 10s',
            'expect "# " 10s', (map { "print vm.$_" } grep { !/^(?:min|low|high)$/ } @names), '');
        my ($status, $out, $err) = clockhand('--ram', "${mib}M", '--policy', $policy,
            '--timing', 'fast', '-x', $ask);
        is($status, 0, "$policy in $mib MiB") or diag($err);
        $out =~ s/\r//g;
        my %is = $out =~ /^ +(min|low|high) +(\d+)$/mg;
        my @printed = $out =~ /^(\d+)$/mg;
        is(join(' ', map { $is{$_} // shift @printed // '?' } @names), $levels, "$policy in $mib MiB: $names");
    }
}
done_testing();
