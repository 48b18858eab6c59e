#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Mach's pagers behave as document 000 (tests/CONTRACT.md) says; the cure, gnumach99,
# works; no byte of a file is lost while its page lies in swap. (000-1 ... 000-13)
use lib 'tests/lib';
use Clockhand;

# A process that wants little memory (probe) runs beside a process that writes a big file. probe
# times its own page faults. The work, and the bytes at the end, are the same under every policy.
my %worst;
for my $policy (qw(mach97 gnumach99 linux612 solaris8)) {
    my ($out, $err) = succeeds("$policy: status", guest('PATH=$PATH:/era/bin; '
        . 'seqread -c 12M /root/big 1 > /dev/null & probe -n 30; wait; '
        . 'seqread -k /root/big 1; rm /root/big; sync; '
        . 'grep -E "^(pager_double|pswpout)" /proc/counters; '
        . 'echo 1 > /proc/audit && echo sound', '--timing', 'fast', '--ram',
        '8M', '--swap', '32M', '--policy', $policy));
    like($out, qr/^probe: .*; 0 pages wrong$/m, "$policy: the probe's pages");
    like($out, qr/^seqread: .*pass 1: 12288 KiB/m, "$policy: the file's bytes");
    like($out, qr/^sound$/m, "$policy: the audit holds");
    ($worst{$policy}) = $out =~ /worst (\d+) us/;
    my ($double) = $out =~ /^pager_double_paged (\S+)/m;
    if ($policy eq 'mach97') {
        cmp_ok($double, '>', 0, 'mach97: pages of the file went to swap');
    } elsif ($policy ne 'gnumach99') { # (under gnumach99 pages in messages may go to swap, too)
        is($double, '-', "$policy: has no pagers");
    }
}
cmp_ok($worst{mach97}, '>', 100 * $worst{$_}, "worst wait: mach97's is over 100 times that of $_")
    for qw(gnumach99 linux612);
# (Under Solaris only the throttle holds a writer back, and it treats all
# processes alike: one page for the probe, one for the writer. The kernel must make the
# probe wait in its page fault, which probe times, and not in its sleep.)
cmp_ok($worst{solaris8}, '<', 1_000_000, 'solaris8: less than a second');
cmp_ok($worst{mach97}, '>', 3 * $worst{solaris8}, '... mach97: more than three times that');

# With the cure, but without a default pager, the daemon finds no pager for the first
# anonymous pages, and waits for ever. (So it would in the original source:
# memory_manager_default_reference.) The kernel must report that.
my $file = spew(tmp('cured.ch'), <<'EOF');
expect "# " 60s
send "dd if=/dev/zero of=/root/big bs=64k count=200\n"
catch deadlock
run-for 300s
assert deadlock == 1 && vm.laundry_pages >= 10 && vm.free > 500
audit
EOF
my ($dead, $told, $why) = clockhand('-x', $file, '--timing', 'fast', '--ram',
    '8M', '--swap', '32M', '--policy', 'gnumach99', '--set',
    'mach.default_pager=0');
is($dead, 0, 'gnumach99 without a default pager: a deadlock is reported') or diag($told, $why);

# Files whose pages lie in swap are read, appended to, overwritten, synced, removed.
my ($out) = succeeds('files in swap: status', guest('cd /root; '
    . 'dd if=/bin/busybox of=a bs=64k 2>/dev/null; cp a b; cp b c; cp c d; '
    . 'cp d e; cp e f; cp f g; cp g h; grep pager_double /proc/counters; '
    . 'echo x >> c; dd if=/dev/zero of=d bs=1k seek=100 count=1 conv=notrunc '
    . '2>/dev/null; rm e; sync; cmp a b && cmp a g && cmp a h && echo same; '
    . 'tail -c 2 c; cmp a d | wc -l; echo 1 > /proc/audit && echo sound',
    '--timing', 'fast', '--ram', '6M', '--swap', '32M', '--policy', 'mach97'));
like($out, qr/^pager_double_paged [1-9]/m, 'files in swap: pages of files went there');
like($out, qr/^same\nx\n1\nsound$/m, 'files in swap: every byte') or diag($out);

# A line is appended to each of many files of one page, of which some are in swap.
($out) = succeeds('files of one page: status', guest('cd /root; cp /bin/busybox a; '
    . 'for i in $(seq 40); do [ $((i % 8)) = 0 ] && cp a b$i; echo $i > n$i; done; '
    . 'grep pager_double /proc/counters; '
    . 'for i in $(seq 40); do [ $((i % 8)) = 0 ] && cp a b$i; echo x >> n$i; done; '
    . 'for i in $(seq 40); do echo $(cat n$i) | grep -qx "$i x" || echo lost n$i; done',
    '--timing', 'fast', '--ram', '6M', '--swap', '32M', '--policy', 'mach97'));
like($out, qr/^pager_double_paged [1-9]\d*\s*\z/m, 'files of one page: each has both lines');
done_testing;
