#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Much is written to a second disk, and it ends. gnumach99 once ended in a panic
# ("nobody left to kill"), mach97 never: messages to the file pager, and pages
# that lay in swap until it wrote them, had filled all there was. SOAK=1: all
# policies, three programs, two sizes of memory, both timings, in a table; and
# with little swap, or much. (Without swap mach97 kills dd: then no page can leave
# by the default pager, as in document 000.)
#
#   tests/guest/ends.t [POLICY...]
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;
use Pressure;

my $disk = tmp('disk');
$ENV{PATH} .= ':/sbin:/usr/sbin';
system("mke2fs -q -t ext2 $disk 300M >/dev/null") == 0 or die 'mke2fs';

my %work = (
    dd => 'dd if=/dev/zero of=/mnt/x bs=64k count=%d 2>&1 && ls -l /mnt/x',
    cp => 'for i in 1 2 3; do mkdir /mnt/$i && cp -r /bin /lib /root /mnt/$i || exit; done',
    tar => 'cd /mnt && tar cf t.tar /bin /lib /root && tar xf t.tar && tar cf u.tar bin lib root',
);

# Seconds of the guest's own clock, or undef: it did not end.
sub ends {
    my ($name, $count, @options) = @_;
    my ($status, $out, $err) = guest('mount -t ext2 /dev/vdb /mnt && '
        . sprintf($work{$name}, $name eq "dd" ? $count : ()) . ' && cut -d. -f1 /proc/uptime',
        '--drive', build() . "/guest/root.img,overlay", '--drive', "$disk,overlay",
        '--max-sim-time', '3600s', @options);
    return is($status, 0, "@options: $name") ? $out =~ /(\d+)\s*\z/ && $1 : diag($err) && undef;
}

unless ($ENV{SOAK} || @ARGV) {
    ends('dd', 900, qw(--policy gnumach99 --ram 16M --timing fast));
    done_testing;
    exit;
}
my @policies = @ARGV ? @ARGV : policies();
my %took;
for my $policy (@policies) {
    ends('dd', 1500, '--policy', $policy, qw(--timing fast --ram 16M --swap), $_)
        for qw(4M 256M);
    for my $row (map { my $r = $_; map { [$r, $_] } qw(fast cycle) } qw(8M 16M)) {
        $took{"$_ @$row"}{$policy} = ends($_, 1500, '--policy', $policy, '--ram',
            $row->[0], '--timing', $row->[1]) for sort keys %work;
    }
}
for my $row (sort keys %took) {
    note join ' ', "$row:", map { "$_ " . ($took{$row}{$_} // '-') } @policies;
}
done_testing;
