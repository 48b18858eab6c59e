#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# SunOS and Solaris (seed 003): the inode cache in its two forms, what the
# buffer cache holds, and what the page scanner does with memory.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;

# "name value" lines of /proc/counters and the ext2 line of inode-caches, as
# the guest's shell prints them between the steps of a script: say WORD.
my $say = <<'SH';
say() { read -r x < /proc/sys/fs/inode-nr; while read -r t e a i b s m; do [ $t = ext2 ] && echo "$1 existing $e active $a idle $i blank $b size $s most $m"; done < /proc/sys/fs/inode-caches; while read -r n v; do case $n in iget|ufs_*|inode_ovf|inodes|inode_max|pgpgin|bread) echo "$1 $n $v";; esac; done < /proc/counters; }
SH

# Runs a script; $result{WORD}{NAME}.
sub run_guest {
    my ($script, @options) = @_;
    my ($status, $out, $err) = guest($say . $script, '--timing', 'fast', @options);
    is($status, 0, 'the guest is well') or diag($out, $err);
    my %result;
    for my $line (split /\n/, $out) {
        my ($word, @pairs) = split ' ', $line;
        next if !@pairs || @pairs % 2;
        my %pairs = @pairs;
        $result{$word}{$_} = $pairs{$_} for keys %pairs;
    }
    return (\%result, $out);
}
sub cache { return map { ('--set', "ufs.$_") } @_ }

# ---- up to 2.3 (003-9) ----
my $files = 'cd /root; i=1; while [ $i -le 60 ]; do echo $i > f$i; i=$((i+1)); done;';
my ($r, $out) = run_guest(<<"SH", cache('icache=0', 'ufs_ninode=40', 'ncsize=10'));
$files sync; say made
rm f1; say removed; echo again > f1; say again
i=31; while [ \$i -le 60 ]; do read x < f\$i; i=\$((i+1)); done; say read
i=56; while [ \$i -le 60 ]; do read x < f\$i; i=\$((i+1)); done; say near
read x < f2; say far
i=2; while [ \$i -le 60 ]; do sleep 100 < f\$i & i=\$((i+1)); done; sleep 0.1; say open
kill \$(jobs -p); wait; say closed
i=2; while [ \$i -le 60 ]; do read x < f\$i; [ \$x = \$i ] || echo wrong; i=\$((i+1)); done
echo 1 > /proc/audit; echo audited \$?; rm f*
SH
is($r->{made}{size}, 40, '2.3: ufs_ninode is the limit');
is($r->{made}{existing}, 40, 'which the cache reaches and does not exceed');
is($r->{made}{inode_ovf}, 0, 'as long as not so many are in use');
is($r->{removed}{blank}, 1, 'the inode of a removed file is free at once');
is($r->{again}{blank}, 0, 'and is the next to be used');
is($r->{again}{idle}, $r->{removed}{idle}, 'though others are idle for longer');
is($r->{near}{iget}, $r->{read}{iget}, 'who became idle last is still there');
cmp_ok($r->{far}{iget}, '>', $r->{near}{iget}, 'who has been idle long is not');
cmp_ok($r->{open}{active}, '>', 60, 'more than the limit can be in use');
cmp_ok($r->{open}{existing}, '>', 60, 'and exist');
cmp_ok($r->{open}{inode_ovf}, '>', 15, 'which sar -v calls an overflow');
cmp_ok($r->{closed}{existing}, '<=', 40, 'over-full, idle ones are discarded');
cmp_ok($r->{closed}{ufs_ipage}, '>', 40, 'with their pages');
is($r->{closed}{ufs_scavenged}, 0, 'there is no scavenger');
unlike($out, qr/wrong/, 'dirty pages were written before they were freed');
like($out, qr/^audited 0$/m, 'the lists agree');

# ---- from 2.4 on (003-10) ----
($r, $out) = run_guest(<<"SH", cache('icache=1', 'ufs_ninode=40', 'ncsize=10'));
$files sync; sleep 0.5; say made
find /bin /sbin /usr > /dev/null; sleep 0.1; find / -xdev > /dev/null; sleep 0.1; say found
i=1; while [ \$i -le 60 ]; do sleep 100 < f\$i & i=\$((i+1)); done; sleep 0.1; say open
kill \$(jobs -p); wait; sleep 0.5; say closed
i=1; while [ \$i -le 60 ]; do read x < f\$i; [ \$x = \$i ] || echo wrong; i=\$((i+1)); done
echo 1 > /proc/audit; echo audited \$?; rm f*
SH
cmp_ok($r->{found}{existing}, '>', 40, '2.4: more exist than ufs_ninode');
for my $when (qw(found closed)) {
    cmp_ok($r->{$when}{idle}, '<=', 40, "$when: at most ufs_ninode are idle");
    cmp_ok($r->{$when}{idle}, '>=', 30, "$when: at least 75% of it");
}
cmp_ok($r->{found}{ufs_scavenged}, '>', 100, 'a thread sees to that');
cmp_ok($r->{made}{blank} + $r->{found}{blank} + $r->{closed}{blank}, '>', 0,
    'and keeps blank ones for the next file');
cmp_ok($r->{open}{active}, '>', 60, 'the number in use is not limited');
unlike($out, qr/wrong/, 'nothing was lost');
like($out, qr/^audited 0$/m, 'the lists agree');

# ---- too small a cache shows as ufs_ipf (003-7, 003-8) ----
for my $case ([20, 1], [200, 0]) {
    my ($size, $flushed) = @$case;
    for my $rules (0, 1) {
        my $events = tmp('events');
        ($r) = run_guest(<<"SH", cache("icache=$rules", "ufs_ninode=$size", 'ncsize=10'), '--events', $events);
$files sync; echo 3 > /proc/sys/vm/drop_caches; cat f* > /dev/null; say first
cat f* > /dev/null; say second; rm f*
SH
        my $name = "rules $rules, $size inodes, 60 files";
        my ($a, $b) = @$r{qw(first second)};
        my $pages = $b->{ufs_ipage} - $a->{ufs_ipage};
        my $read = $b->{pgpgin} - $a->{pgpgin};
        my $freed = grep { $_->{reason} eq 'inode-reuse' && $_->{to} eq 'free' } events($events);
        if ($flushed) {
            cmp_ok($pages, '>', 40, "$name: reused while they had pages");
            cmp_ok($read, '>', 4 * 40, "$name: so they are read again");
            cmp_ok($freed, '>', 80, "$name: each page says why it went");
        } else {
            is($pages, 0, "$name: \%ufs_ipf is zero");
            is($read, 0, "$name: the second time nothing is read");
            is($freed, 0, "$name: and no page went");
        }
    }
}

# ---- each kind of file system has a cache of its own (003-19) ----
(undef, $out) = guest('echo x > /tmp/a; cat /proc/sys/fs/inode-caches');
for my $type (qw(ext2 tmpfs devtmpfs proc)) {
    like($out, qr/^$type \d+ [1-9]/m, "$type has a cache");
}

# ---- the buffer cache holds metadata only (003-11) ----
($r, $out) = run_guest(<<'SH');
echo 3 > /proc/sys/vm/drop_caches; say before
grep -E 'Buffers|^Cached' /proc/meminfo; cat /bin/busybox > /dev/null; say after
grep -E 'Buffers|^Cached' /proc/meminfo
SH
my ($buf0, $buf1) = $out =~ /^Buffers:\s+(\d+)/mg;
my ($cached0, $cached1) = $out =~ /^Cached:\s+(\d+)/mg;
cmp_ok($cached1 - $cached0, '>', 500, 'half a megabyte of a file was read');
cmp_ok($buf1 - $buf0, '<', 64, 'its pages are not in the buffer cache');
cmp_ok($r->{after}{bread} - $r->{before}{bread}, '<', 12,
    'which reads inodes and indirect blocks');
done_testing;
