#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# remap_file_pages, calls across holes, membarrier, execveat and exec's arguments, reads and writes
# through memory with holes agree with this host's Linux: programs, compiled for both, must print the
# same lines.
# Another draws calls that split and merge mappings, by seed, and prints all mappings after each.
use lib 'tests/lib';
use File::Temp qw(tempdir);
use Clockhand;
use Qemu;

my $dir = tempdir(CLEANUP => 1);
my ($host, $guest) = compile_both('tests/guest/map_calls.c');
my @uio = compile_both('tests/guest/uio_calls.c', '-Wno-unused-result');
mkdir "$dir/work";
my $want = qx{$host $dir/work $host; $uio[0] $dir/work};
is(scalar(() = $want =~ /^end$/mg), 2, 'the host made the calls');

my $image = qemu_image('tests/calls' => $guest, 'tests/uio' => $uio[1]);
for my $where ('/tmp', '/root') {
    my ($got, $status) = qemu_run("mkdir $where/c; /tests/calls $where/c /tests/calls; "
            . "/tests/uio $where/c; echo 1 > /proc/audit; echo audit \$?", image => $image);
    my @want = split /\n/, "${want}audit 0";
    my @got = split /\n/, $got;
    my @wrong = grep { $want[$_] ne ($got[$_] // '') } 0 .. $#want;
    ok(!@wrong && @got == @want, "$where: guest and host agree on " . @want . ' lines')
        or diag(map { sprintf "host '%.150s', guest '%.150s'\n", $want[$_], $got[$_] // '' }
            @wrong[0 .. ($#wrong < 9 ? $#wrong : 9)]);
}

# So do reads of a terminal at which somebody types.
$want = qx{$uio[0] typed};
my $types = qq(expect "now" 60s\nsend ") . 'y' x 300 . qq("\n);
my (undef, $out, $err) = clockhand('--drive', "$image,overlay", '--timing', 'fast', '-x', spew(tmp('typing.ch'),
    qq(expect "# " 60s\nsend "/tests/uio typed; echo o''ver\\n"\n) . $types x 7 . qq(expect "over" 60s\n)));
$out =~ s/\r//g;
is($out =~ /^(now\n.*^end\n)/ms && $1, $want, 'reads of a terminal: guest and host agree') or diag($err);

# SOAK=1: more seeds.
my $seeds = join ' ', 1 .. ($ENV{SOAK} ? 200 : 20);
($host, $guest) = compile_both('tests/guest/map_merges.c');
$want = qx{for s in $seeds; do $host $dir/file \$s 400 || exit; done};
my @lines = split /\n/, $want;
my ($fewer, $before) = (0, 0);
for (@lines) {
    my $n = () = / \d+-/g;
    $fewer += /unlock|dofork|protect|fill/ && $n < $before;
    $before = $n;
}
cmp_ok($fewer, '>', 200, "the host has fewer mappings after $fewer of the calls");
my (undef, $got) = guest("for s in $seeds; do /tests/merges /root/file \$s 400; done; "
        . 'echo 1 > /proc/audit; echo audit $?',
    qw(--timing fast --drive), qemu_image('tests/merges' => $guest) . ',overlay');
my @got = split /\n/, $got;
is(pop @got, 'audit 0', 'the audit finds nothing');
my @really = map { my $n = 0; $n += s/ of (\d+)$// && $1 for @$_; $n } \@lines, \@got;
my ($differs) = grep { ($lines[$_] // '') ne ($got[$_] // '') } 0 .. $#lines;
is($differs, undef, 'guest and host have the same mappings after each call')
    or diag("call before: $lines[$differs - 1]\nhost:  $lines[$differs]\nguest: $got[$differs]");
cmp_ok($really[1], '<=', 1.02 * $really[0], 'private mappings merge as on the host or more: '
        . "$really[1] mappings in all lines, on the host $really[0]");
done_testing();
