#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The guest's disk image is reproducible, clean, roomy, and has Debian's busybox
# unmodified. Without network and cache, tools/fetch-guest says why it fails.
use lib 'tests/lib';
use File::Temp qw(tempdir);
use Clockhand;

my $b     = build();
my $image = "$b/guest/root.img";
my $dir   = tempdir(CLEANUP => 1);

# Two images from equal trees of different ages are equal.
for my $n (1, 2) {
    system("mkdir -p $dir/$n/guest && cp -r $b/guest/debian $b/guest/user "
            . "$dir/$n/guest/ && find $dir/$n -exec touch -h -d \@$n {} +") == 0
        or die;
    my (undef, $err) = succeeds("image $n is made", run_command('', 'tools/mkroot', "$dir/$n"));
}
is(system('cmp', '-s', "$dir/1/guest/root.img", "$dir/2/guest/root.img"), 0,
    'the same files give the same image, byte for byte');
is(system('cmp', '-s', "$dir/1/guest/root.img", $image), 0, '... the same as the built one');

my ($status, $out) = run_command('', 'e2fsck', '-fn', $image);
is($status, 0, 'e2fsck finds nothing') or diag($out);
(undef, $out) = run_command('', 'dumpe2fs', '-h', $image);
my %field = $out =~ /^([^:\n]+):\s+(.*)$/mg;
is($field{'Block size'}, 4096, 'blocks of 4 KiB');
cmp_ok($field{'Free blocks'}, '>=', 2048, 'at least 8 MiB free');
cmp_ok($field{'Free inodes'}, '>=', 500, 'at least 500 inodes free');

sub debugfs { return (run_command('', 'debugfs', '-R', shift, $image))[1] }
run_command('', 'debugfs', '-R', 'dump /bin/busybox ' . tmp('busybox'), $image);
is(system('cmp', '-s', tmp('busybox'), "$b/guest/debian/usr/bin/busybox"), 0,
    "busybox is the package's, unmodified");
my @links = debugfs('ls -p /bin') =~ /\/120777\/0\/0\//g;
cmp_ok(scalar @links, '>=', 200, 'links for its applets');
for my $name (qw(sh ls awk sort top vi [)) {
    like(debugfs("stat /bin/$name"), qr/Fast link dest: "busybox"/, "/bin/$name leads to busybox");
}
for my $path (qw(/sbin/init /tests/all /era/bin/firstlight)) {
    like(debugfs("stat $path"), qr/Type: regular\s+Mode:\s+0755/, "$path is a program");
}
like(debugfs('cat /etc/passwd'), qr/^root:x:0:0:/m, '/etc/passwd names root');

# Fetching (the cache lies beside the guest): a package in the cache needs no
# network; without cache and network, the message gives the reason.
{
    local $ENV{CLOCKHAND_DEBIAN} = 'http://127.0.0.1:9/debian';
    my $err;
    my $cache = "$b/guest/../cache";
    mkdir "$dir/$_" for qw(cached cached/cache empty broken broken/cache);
    system("cp $cache/busybox-static_* $dir/cached/cache/") == 0 or die;
    succeeds('from the cache, without a network',
        run_command('', 'tools/fetch-guest', '-o', "$dir/cached"));
    ok(-x "$dir/cached/guest/debian/usr/bin/busybox", 'busybox is there');
    ($status, undef, $err) = run_command('', 'tools/fetch-guest', '-o', "$dir/empty");
    is($status, 1, 'no cache, no network: status 1');
    like($err, qr/\Afetch-guest: the Debian archive cannot be reached/,
        '... and a message says so');
    ($status, undef, $err) = run_command('', 'tools/mkdebian', '-o', "$dir/empty");
    is($status, 1, 'mkdebian: status 1');
    like($err, qr/^mkdebian: Debian 13's riscv64 packages cannot be had.*\n\z/m,
        '... and its last line says so');
    ok(!-e "$dir/empty/debian/versions", '... no half-made images');
    system("cp $cache/busybox-static_* $dir/broken/cache/ && "
            . "for f in $dir/broken/cache/*.deb; do echo x >> \$f; done") == 0
        or die;
    ($status) = run_command('', 'tools/fetch-guest', '-o', "$dir/broken");
    is($status, 1, 'a damaged package in the cache is not used');
    # A package from the archive with another checksum than debian.sums is not used either.
    my ($path) = slurp('tools/debian.sums') =~ m{ (pool/\S*/busybox-static_\S*)$}m;
    (my $pool = "$dir/archive/$path") =~ s{/[^/]*$}{};
    system("mkdir -p $pool && cp $cache/busybox-static_*.deb $dir/archive/$path") == 0 or die;
    local $ENV{CLOCKHAND_DEBIAN} = "file://$dir/archive";
    (undef, $err) = succeeds('the package of debian.sums, from an archive without lists',
        run_command('', 'tools/fetch-guest', '-o', "$dir/fetched"));
    ok(-x "$dir/fetched/guest/debian/usr/bin/busybox", 'busybox is there');
    system("echo x >> $dir/archive/$path") == 0 or die;
    ($status) = run_command('', 'tools/fetch-guest', '-o', "$dir/tampered");
    is($status, 1, 'a package with another checksum is not used');
}
($status) = run_command('', 'tools/fetch-guest', '-x');
is($status, 2, 'a wrong option: status 2');
($status, undef, my $err) = run_command('', 'tools/mkroot', "$dir/empty");
is($status, 1, 'no packages: status 1');
like($err, qr/no busybox \(run tools\/fetch-guest\)/, '... and a message says why');

done_testing();
