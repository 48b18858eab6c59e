#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Source-level debugging works in programs without a fixed address: a dynamically linked
# program and its library, on a second disk (make guest-lib). Programs are recognised by
# disk and inode: the inode of the same number on the first disk is another program.
use lib 'tests/lib';
use Clockhand;

my $guest = build() . '/guest';
plan skip_all => 'no lib.img (make guest-lib)'
    unless -f "$guest/lib.img" && -f "$guest/symbols/dynamic/libpic.so";

sub said {
    my $script = spew(tmp('s.ch'), join "\n", 'console off', 'expect "# " 5s', @_, '');
    my ($status, $out, $err) = clockhand('--drive', "$guest/root.img,overlay",
        '--drive', "$guest/lib.img,ro", '-x', $script);
    is($status, 0, 'the script ends with status 0') or diag($err);
    return $out;
}
my $main = slurp('guest/user/dynamic/main.c');
my $line = 1 + (() = substr($main, 0, index($main, 'if (x != 64)')) =~ /\n/g);
my @mount = 'send "mount -t ext2 -o ro /dev/vdb /lib\n"';

# A breakpoint stops a program twice if the page of its code is not in memory:
# before the page fault, and after it.
{
    # In the second run, a preloaded allocator moves the library.
    my $pic = '/lib/demo/pic';
    my $out = said("break dynamic/main.c:$line", 'break inside_07', @mount,
        qq(send "$pic; LD_PRELOAD=/lib/demo/libleak.so $pic; $pic\\n"),
        (map { (('continue', 'info line', 'bt') x 2, 'continue', 'info line') } 1 .. 3),
        'info break', ('reverse-continue', 'info line') x 4);
    my @line = $out =~ /^(Line .*)$/mg;
    my @library = map { /of "site_pic.c" starts at address (0x\w+) <inside_07>/ ? $1 : '-' } @line[0, 1, 3, 4, 6, 7];
    like($library[0], qr/^0x3f/,
        'a breakpoint in a library not mapped by any process yet') or diag($out);
    is_deeply([@library[1, 3, 5]], [@library[0, 2, 4]], '... stops again after the page fault');
    isnt($library[2], $library[0], '... the library lies elsewhere in the second process');
    is($library[4], $library[0], '... and in the third where it lay in the first');
    like($out, qr/^#0 .* inside_07 at site_pic\.c:\d+\n#1 .* main\S* at main\.c:\d+\n/m,
        'bt: from the library into the program');
    like($line[$_], qr/^Line $line of "main\.c" starts at address 0x2a\w+ <main\+/, 'a breakpoint in the program itself')
        for 2, 5, 8;
    like($out, qr/main\.c:$line +3 hits\n.*inside_07 +6 hits\n/, 'info break counts the hits');
    is_deeply([@line[9 .. 12]], [@line[7, 6, 5, 4]], 'reverse-continue: the same stops backwards');
}

# A breakpoint is set in a mapped library; the profile, too, finds it by disk and inode.
{
    my $out = said(@mount, 'send "/lib/demo/pic 30 &\n"', 'run-for 300ms', 'break inside_07', 'info break',
        'send "/lib/demo/pic\n"', 'continue', 'bt', 'continue', 'delete', 'profile exact', 'run-for 2us',
        'info profile');
    like($out, qr/^#0 .* inside_07 at site_pic\.c/m, 'a library that another process has mapped');
    like($out, qr/\d+%  inside_07 \(/, 'the profile names functions of the library');
}
done_testing();
