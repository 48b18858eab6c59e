#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# tools/contest runs linux612 beside the Linux 6.12 that it is modelled on. Under the
# workload seq a file twice as large as the spare memory is read twice, and both
# kernels do the same: they read every page from the disk both times, their victims are
# the file's pages, and they look at a frame about once before they steal it. The
# figures of all workloads are those of the table in linux612's essay.
#
# Only `make soak` (SOAK=1) runs it, since it boots two kernels.
use lib 'tests/lib';
use Clockhand;
use Debian;

plan skip_all => 'two boots (SOAK=1)' if !$ENV{SOAK};
debian_images();
$ENV{TEST_TIMEOUT} = 600;
my ($out) = succeeds('both kernels end with status 0',
    run_command('', 'tools/contest', '-b', build(), '-f', 2048));
my ($load, %figures);
for (split /\n/, $out =~ s/ \+ /+/gr) {
    $load = $1 if /^(\w+), 2048 frames/;
    $figures{$load}{$1} = [ $2, $3 ] if /^ *(.+?) {2,}(\S+) +(\S+)$/;
}
my %row = %{ $figures{seq} };
my $essay = slurp('guest/kernel/policy/linux26/linux612.c');
my @rows  = ([ 'victims', 'victims' ], [ 'anonymous, %', 'anonymous, % of them' ],
    [ 'scanned: stolen', 'a frame stolen' ], [ 'by kswapd, %', 'stolen by kswapd, %' ],
    [ 'refaults', 'refaults' ], [ '... activated', 'activated at once' ],
    [ 'deactivated', 'pgdeactivate' ], [ 'from swap', 'pswpin' ],
    [ 'major faults', 'pgmajfault' ], [ 'resident', 'at 1/2', 0 ], [ '', 'at 1/2', 1 ]);
for (@rows) {
    my ($name, $printed, @side) = @$_;
    my $is = join ' ', map { s/^(0|100)\.0$/$1/r }
        map { @{ $figures{$_}{$printed} }[ @side ? @side : (0, 1) ] } qw(seq hot two mix);
    my $line = join ' +', map { quotemeta } split / /, $is;
    ok($essay =~ /^ \* *\Q$name\E +$line$/m, "the essay's table: $name") or diag($is);
}
for my $i (0, 1) {
    my $who = (qw(linux612 Linux))[$i];
    my %got = map { $_ => $row{$_}[$i] } keys %row;
    cmp_ok($got{victims}, '>', 2 * 2048, "$who: more victims than frames");
    cmp_ok($got{'anonymous, % of them'}, '<', 2, "$who: hardly an anonymous victim");
    cmp_ok($got{'a frame stolen'}, '<', 1.5, "$who: few frames looked at in vain");
    cmp_ok($got{pgpgin}, '>=', 2 * 4096 * 4, "$who: every page twice from the disk");
}
is("@{$row{refaults}}", '4096 4096', 'each page of the second pass is a refault');
my ($status_2) = run_command('', 'tools/contest', 'walk');
is($status_2, 2, 'an unknown workload is a usage error');
done_testing;
