#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The frames of files are named by paths. The machine reads these from the guest's directories, also
# from directories that are not on the disk yet. If it cannot know a path, it gives none.
use lib 'tests/lib';
use Clockhand;

sub ask {
    my ($lines, @options) = @_;
    my ($out) = succeeds('the questions are answered', clockhand('--ram', '16M', '--timing', 'fast',
        @options, '-x', spew(tmp('names.ch'), "console off\nexpect \"# \" 60s\n$lines")));
    $out =~ s/\n +(?=\S)/ /g; # lines are broken at the terminal's edge
    return $out;
}
sub type { return qq(send "$_[0]; echo -n en; echo ded\\n"\nexpect "ended" 60s\nexpect "# " 1s\n) }

# ---- files on the disk, and files not there yet -----------------------------
my $made = type('mkdir -p /home/a/b; head -c 5000 /dev/zero > /home/a/b/new')
    . type('mv /home/a/b/new /home/a/renamed');
my $out = ask("${made}info frames file-dirty all\ninfo frames file-clean all\njson info frames file-clean all\n");
like($out, qr{page 1 of /home/a/renamed \(inode \d+\)}, 'a new file, renamed');
like($out, qr{page 0 of /home/a/b \(inode \d+\)}, 'a new directory');
unlike($out, qr{/b/new}, '... and no name that it had before');
my ($json) = $out =~ /^(\{.*\})$/m;
my %paths = map { ($_->{path} // '?') => $_ } @{ json($json)->{list} };
ok($paths{'/bin/busybox'} && $paths{'/sbin/init'}, 'programs on the disk');
my $row = $paths{'/bin/busybox'};
$out = ask("${made}page $row->{pfn}\nwhy $row->{pfn}\njson page $row->{pfn}\n");
my $is = "page $row->{index} of /bin/busybox \\(inode $row->{object}\\)";
like($out, qr/^ *frame .* it is $is /m, 'page gives the path');
like($out, qr/^frame $row->{pfn} is file-clean: $is /m, 'why gives the path');
like($out, qr{"path":"/bin/busybox"}, 'json page gives the path');

# ---- unknown names ----------------------------------------------------------
$out = ask(type('rm -rf /home/a; (head -c 5000 /dev/zero; rm /home/gone; sleep 9) > /home/gone & sleep 1')
    . "info frames file-dirty all\n");
like($out, qr/page 1 of inode \d+/, 'a file whose name was removed has only its inode number');
unlike($out, qr{/home/gone}, '... and not the old name');
$out = ask(type('head -c 90000 /dev/zero > /tmp/t') . "info frames shmem all\n");
like($out, qr/page 0 of inode \d+/, 'a file of tmpfs');
unlike($out, qr{ of /}, '... is not taken for the disk\'s file of the same number');
spew(tmp('small'), "\0" x (1 << 20));
my ($mke2fs) = grep { -x } map { "$_/mke2fs" } qw(/sbin /usr/sbin /usr/local/sbin);
SKIP: {
    skip('no mke2fs', 3) unless $mke2fs;
    is(system("$mke2fs -q -F " . tmp('small') . ' >/dev/null 2>&1'), 0, 'a second ext2 file system');
    $out = ask("info frames file-clean all\n", '--drive', build() . '/guest/root.img,overlay', '--drive', tmp('small') . ',overlay');
    ok($out =~ /page \d+ of inode \d+/ && $out !~ m{ of /}, '... and no path is given');
}

# ---- asking changes nothing -------------------------------------------------
my @hash = map { (ask("${made}${_}run-for 1ms\nhash\n") =~ /\b([0-9a-f]{16,})\b/g)[-1] }
    '', "info frames file all\npage 30\nwhy 30\n";
ok($hash[0], 'a hash');
is($hash[1], $hash[0], 'asking changes nothing');
done_testing();
