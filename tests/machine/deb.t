#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# make soak installs the package in a fresh Debian: debootstrap makes a chroot of this host's
# release, apt-get installs the package with its dependencies, and an ordinary user runs it there.
use lib 'tests/lib';
use Clockhand;

plan skip_all => 'make soak runs it' unless $ENV{SOAK};
plan skip_all => 'needs root, for a chroot and podman (.ci/run tests as an ordinary user)' if $>;
plan skip_all => 'needs debootstrap' if system('command -v debootstrap >/dev/null');
my ($release) = slurp('/etc/os-release') =~ /^VERSION_CODENAME=(\w+)/m;
plan skip_all => 'not a Debian' unless $release && slurp('/etc/os-release') =~ /^ID=debian$/m;

my $b = build();
my $deb = tmp('clockhand.deb');
my ($status, $out, $err) = run_command('', 'tools/mkdeb', '-o', $deb, $b);
is($status, 0, 'tools/mkdeb') or diag($out, $err);

# The archive from which this host takes its release.
my ($archive) = $ENV{CLOCKHAND_DEBIAN} // map { m{^'(.*)/dists/\Q$release\E/} }
    qx{apt-get update --print-uris 2>/dev/null};
plan skip_all => 'no archive of this release' unless $archive;

local $ENV{TEST_TIMEOUT} = 1800;
my $root = tmp('root');
($status, $out, $err) = run_command('', 'debootstrap', '--variant=minbase',
    $release, $root, $archive);
is($status, 0, "debootstrap $release") or diag(substr $out, -2000);

sub in_chroot {
    my ($user, @command) = @_;
    return run_command('', 'env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
        'LC_ALL=C', 'DEBIAN_FRONTEND=noninteractive',
        (map { "$_=$ENV{$_}" } grep { $ENV{$_} } qw(http_proxy https_proxy)),
        'unshare', '-m', 'sh', '-c',
        'mount -t proc proc "$0/proc" && exec chroot "$@"', $root,
        "--userspec=$user", $root, @command);
}
system('cp', $deb, "$root/tmp/clockhand.deb") == 0 or die "cp: $?";
chmod 0644, "$root/tmp/clockhand.deb";
($status, $out, $err) = in_chroot('root', 'apt-get', 'install', '-y',
    '--no-install-recommends', '/tmp/clockhand.deb');
is($status, 0, 'apt-get install') or diag(substr($out, -2000), $err);
($status, $out, $err) = in_chroot('nobody', 'clockhand', '--run', 'echo it runs');
is($status, 0, 'an ordinary user runs clockhand') or diag($err);
is($out, "it runs\n", '... with the guest');
($status, $out, $err) = in_chroot('nobody', 'clockhand', '-x',
    '/usr/share/clockhand/experiments/fork.ch');
is($status, 0, 'an experiment runs') or diag($out, $err);

# The chroot's files also run as a container (tools/Containerfile). podman's default limits may be above this
# host's, and crun refuses a host with both versions of cgroups, even for a container that uses none.
SKIP: {
    skip 'podman is not installed', 2 if system('command -v podman >/dev/null');
    mkdir tmp('container');
    system('tar', '-cf', tmp('container/root.tar'), '-C', $root, '.') == 0 or die "tar: $?";
    my $tag = "clockhand-test-$$";
    ($status, $out, $err) = run_command('', qw(podman build -f tools/Containerfile -t), $tag, tmp('container'));
    is($status, 0, 'podman builds the container') or diag($err);
    ($status, $out, $err) = run_command('', qw(unshare -m sh -c),
        'umount /sys/fs/cgroup/unified 2>/dev/null; exec podman run --cgroups=disabled '
            . '--ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --rm --network none "$@"',
        'sh', $tag, '--run', 'echo it runs');
    system("podman rmi -f $tag >/dev/null 2>&1");
    is($out, "it runs\n", '... and it runs') or diag($err);
}
($status, $out, $err) = in_chroot('root', 'apt-get', 'purge', '-y', 'clockhand');
is($status, 0, 'the package can be removed');
ok(!-e "$root/usr/share/clockhand", '... and none of its files stays');
done_testing();
