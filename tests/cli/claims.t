#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Every claim of tools/experiments holds, as `make experiments` runs it. (The claims
# of letter, sar and pollution depend on the kernel's size, so that any change of the
# kernel may upset them.) SOAK=1 also runs the long scripts, and all scripts with 6%
# more memory, with 6% less, and in the other timing.
use lib 'tests/lib';
use Clockhand;

my $soak = $ENV{SOAK};
# Left out unless SOAK=1: scripts that take two seconds or more, or that have a test
# of their own (quiescence: memory_ends.t; letter: solaris.t, in a small form).
my %leave = map { $_ => 1 } $soak ? () : qw(cache-classes cachesize dynamic faults fork
    forkbomb fsflush fsflush-large hog-swap hosage hosage-cure hosage-forged huge
    hugepages inode-cache kpaged kswapd-marks leak letter linux240t oom-log oom-thrash
    overcommit page-life plateau pollution pressure quiescence sar sequential
    solaris8-memory spike sunos-memory swap-large swapless terminal thrash tlb victims);
my @all = map { m{([^/]+)\.ch$} } sort glob 'tools/experiments/*.ch';
my @names = grep { !$leave{$_} } @all;

sub holds {
    my ($what, %env) = @_;
    local @ENV{ keys %env } = values %env;
    my @these = %env ? @all : @names;
    my ($status, $out, $err) = run_command('', 'tools/experiments/run', build(), @these);
    for my $name (@these) {
        if (my ($why) = $out =~ /^\Q$name\E is left out: (.*)/m) {
            SKIP: { skip "$name: $why", 1 }
            next;
        }
        like($out, qr/^\[\d+ of \d+, [^]]*\] \Q$name\E held, /m, "$name$what")
            or diag($out =~ /^(\[[^]]*\] \Q$name\E FAILED.*?)(?=^\[|\z)/ms ? $1 : $out);
    }
    is($status, 0, "status of the whole run$what") or diag($err);
}
unlink glob build() . '/experiments/*.counters'; # of earlier runs, for tools/report: a soak leaves 200 MB
holds('');
if ($soak) {
    holds(', with 6% more memory', RAM => '+6%');
    holds(', with 6% less', RAM => '-6%');
    holds(', in the other timing', TIMING => 'other');
}
done_testing();
