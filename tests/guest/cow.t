#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Copy-on-write makes no needless copy, as the events show. When a process that has
# touched 8 MiB forks, fork takes frames only for page tables and the kernel. Writing to
# k shared pages copies exactly k; the last owner of a page copies none. (002-7..12, 001-15, 001-16)
use lib 'tests/lib';
use Clockhand;

my $b = build();
my $pages = 2048;

# The parent writes to K pages, then the child to M others, then, after the
# child's end, the parent as the last owner to L more.
my $c = spew(tmp('cowprobe.c'), <<'C');
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
static char *a;
static void put(long from, long n)
{
    for (long i = from; i < from + n; i++)
        a[i << 12] = 7;
}
int main(int argc, char **argv)
{
    long k = atol(argv[1]), m = atol(argv[2]), l = atol(argv[3]);
    int fd[2];
    char c;
    a = mmap(0, 2048 << 12, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    put(0, 2048);
    if (argc < 4 || a == MAP_FAILED || pipe(fd))
        return 1;
    pid_t child = fork();
    if (child == 0) {
        close(fd[1]);
        read(fd[0], &c, 1);
        put(1024, m);
        _exit(0);
    }
    close(fd[0]);
    put(0, k);
    close(fd[1]);
    waitpid(child, 0, 0);
    put(1536, l);
    return 0;
}
C
# 64 pages shared with a child go to swap; the parent reads them back, then writes to
# each. At the end the child checks its own copies.
my $away = spew(tmp('cowaway.c'), <<'C');
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
static char *map(unsigned long at, long pages)
{
    return mmap((void *)at, pages << 12, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0), -1, 0);
}
int main(void)
{
    char *a = map(0x100000000, 64), *more, c;
    int fd[2], wrong = 0, status;
    for (long i = 0; i < 64; i++)
        memset(a + (i << 12), (int)i + 1, 4096);
    if (pipe(fd))
        return 2;
    if (fork() == 0) {
        close(fd[1]);
        read(fd[0], &c, 1);
        for (long i = 0; i < 64 << 12; i++)
            wrong += a[i] != (i >> 12) + 1;
        _exit(wrong != 0);
    }
    close(fd[0]);
    more = map(0, 4096);
    for (long i = 0; i < 4096; i++)
        more[i << 12] = 1;
    munmap(more, 4096l << 12);
    for (long i = 0; i < 64; i++)
        wrong += *(volatile char *)(a + (i << 12)) != i + 1;
    for (long i = 0; i < 64; i++)
        a[i << 12] = 99;
    close(fd[1]);
    wait(&status);
    return wrong || status;
}
C
my $put = '';
for (['cowprobe', $c], ['cowaway', $away]) {
    my ($name, $source) = @$_;
    system('riscv64-linux-gnu-gcc', '-O2', '-static', '-o', tmp($name), $source)
        == 0 or die('no cross compiler');
    $put .= 'write ' . tmp($name) . " /bin/$name\n" . "set_inode_field /bin/$name mode 0100755\n";
}
spew(tmp('root.img'), slurp("$b/guest/root.img"));
spew(tmp('debugfs'), $put);
system('debugfs -w -f ' . tmp('debugfs') . ' ' . tmp('root.img')
        . ' >/dev/null 2>&1');

sub probe {
    my @n = @_;
    my ($out, $err) = succeeds("cowprobe @n", clockhand('--ram', '32M', '--drive',
        tmp('root.img') . ',overlay', '--events', tmp('events'), '--run', "exec cowprobe @n"));
    my @e = events(tmp('events'));
    my %count;
    $count{$_->{reason}}++ for @e;
    return (\@e, \%count);
}

my ($rows, $base) = probe(0, 0, 0);

# The probe's fork is the one that shares the whole array.
my %shared;
my ($first, $last);
for my $i (0 .. $#$rows) {
    my $e = $rows->[$i];
    next unless $e->{reason} eq 'cow-share';
    $shared{ $e->{pid} }++;
}
my ($pid) = grep { $shared{$_} >= $pages } keys %shared;
ok(defined $pid, 'one fork shared the array') or die('no fork seen');
for my $i (0 .. $#$rows) {
    my $e = $rows->[$i];
    next unless $e->{pid} == $pid && $e->{reason} eq 'cow-share';
    $first //= $i;
    $last = $i;
}
# fork allocates frames before and after it shares pages. Therefore $first and $last move outwards to
# include these events, as far as the nearest event of another kind (a fault or exit of any process).
$first-- while $first > 0
    && $rows->[$first - 1]{reason} =~ /^(alloc-|free-|pipe)/;
$last++ while $last < $#$rows
    && $rows->[$last + 1]{reason} =~ /^(alloc-|free-|fork$)/;
my @taken = grep { $_->{from} =~ /^(free|zeroed)$/ && $_->{to} ne $_->{from} }
    @$rows[$first .. $last];
my %to;
$to{ $_->{to} }++ for @taken;
cmp_ok(scalar @taken, '>', 3, 'fork took frames: ' . join ', ', map { "$to{$_} $_" } sort keys %to);
is_deeply([grep { !/^(page-table|kernel-data)$/ } keys %to], [],
    '... for page tables and the kernel only');
cmp_ok($to{'page-table'}, '<=', 5 + 3 + 6,
    '... and no more tables than 8 MiB and a small program need');

my (undef, $k) = probe(300, 0, 0);
is($k->{'cow-copy'} - $base->{'cow-copy'}, 300, 'the parent writes 300: 300 copies');
my (undef, $m) = probe(0, 37, 0);
is($m->{'cow-copy'} - $base->{'cow-copy'}, 37, 'the child writes 37: 37 copies');
my (undef, $l) = probe(0, 0, 64);
is($l->{'cow-copy'}, $base->{'cow-copy'}, 'the last owner writes 64: no copy');
is($l->{'cow-reuse'} - ($base->{'cow-reuse'} // 0), 64, '... but 64 reuses');

# A child whose pte names the page's swap slot is an owner of the page, too.
succeeds('shared pages in swap: both processes read the right bytes',
    clockhand('--timing', 'fast', '--ram', '8M',
    '--swap', '32M', '--drive', tmp('root.img') . ',overlay', '--events',
    tmp('events'), '--run', 'exec cowaway'));
my @seen = events(tmp('events'));
$pid = (map { $_->{pid} } grep { $_->{reason} eq 'fork' } @seen)[-1];
my %by;
$by{ $_->{reason} }++ for grep { $_->{pid} == $pid } @seen;
cmp_ok($by{'swap-in'} // 0, '>=', 8, 'the parent had to wait for the disk');
cmp_ok($by{'cow-copy'} // 0, '>=', 64,
    '... and copied what it wrote: the child still names the slots');

# The event that frees a copied page names the page's address, so that its biography ends with that
# event and not with the copy. The same holds for a page that fork copied at once (vm.fork=0).
for my $fork (1, 0) {
    my ($out) = (clockhand('--timing', 'fast', '--set', "vm.fork=$fork", '-x', spew(tmp('end.ch'), join "\n",
        'expect "# " 60s', 'tcatch ' . ($fork ? 'cow-copy' : 'demand-zero') . ' if event.pid == 7',
        'send "(ls /; ls /) >/dev/null; echo do\'\'ne\n"', 'continue',
        'let va event.va', 'let pid event.pid', 'expect "done" 9s', 'json why let.va let.pid', 'json info events 256 free',
        'json info events 256 fork-copy', '')))[1];
    my ($why, $free, $copies) = map { json($_) } $out =~ /^([\[{].*[\]}])$/mg;
    like($why->{events}[0]{reason}, qr/^ex(?:it|ec-discard)$/, "vm.fork=$fork: a page's last event is its end");
    is(join(' ', map { $_->{number} } grep { $_->{from} =~ /anon|cow/ && !exists $_->{va} } @$free), '',
        "vm.fork=$fork: each private page that is freed has its address");
    is(join(' ', @$copies > 9, map { $_->{number} } grep { !$_->{source} } @$copies), !$fork,
        "vm.fork=$fork: fork copies pages only if vm.fork is 0, and each copy has its source");
}

# In a chain of 500 forks each process leaves its pages to its child and ends. Neither the last fork
# nor a search for the PTEs of all pages (the audit makes one) takes much longer than the first; there are
# a quarter more pages by then. (If each process of the past cost a step for each page, fork would take
# nearly six times as long, and the audit more than three times.)
my ($chain) = succeeds('a chain of forks', guest('/tests/chain 500 2000; echo 1 > /proc/audit && echo sound',
    '--ram', '32M', '--timing', 'fast'));
my @us = $chain =~ /^chain: fork (\d+) us, then (\d+); audit (\d+) us, then (\d+); 0 errors\nsound$/m;
is(scalar @us, 4, '... in which no page is lost') or diag($chain);
cmp_ok($us[1], '<', 1.5 * $us[0], '... makes fork no slower');
cmp_ok($us[3], '<', 1.3 * $us[2], '... nor the search for PTEs');

done_testing();
