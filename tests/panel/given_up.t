#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# In the real window, the caption shows the progress of a search through the past that
# takes longer than a second. A key with another request gives the search up, and the
# machine stands where it stood.
use lib 'tests/lib';
use Clockhand;
use Desktop;
use PanelPicture;

# Watches an address that nothing accesses and an event that never comes, so `,`
# searches all of the past. (Both are set after a second at full speed.)
my $script = spew(tmp('s.ch'), "caption \"1 of 1. Go. Now\"\nrun-for 1s\nwatch u32[0x1000]\ncatch oom\nprint 1000\n");
desktop('1400x880');
open my $nothing, '<', '/dev/null' or die;
start_panel($nothing, [], '--ram', '8M', '--pace', 'max', '--run',
    'while true; do ls -lR / >/dev/null 2>&1; done', '-x', $script);
find_window();
until_true('a past of one second', 120, sub { slurp(scratch('stdout')) =~ /^1000$/m });
until_true('halts at the story\'s end', 10, sub { is_mode('HALT') });
my $stood = look()->{cycle};
key('comma');
my $share;
until_true('the window shows the progress of the search', 60,
    sub { ($share) = map { /on the way through the past: (\d+) %/ } shows(qr/on the way through the past/) });
cmp_ok($share, '<', 90, '... before its end') if defined $share;
key('End');
until_true('a key gives it up: the machine stands where it stood', 10,
    sub { look()->{cycle} == $stood && is_mode('HALT') });
key('space');
until_true('and runs on', 10, sub { look()->{cycle} > $stood });
closes('then');
done_testing();
