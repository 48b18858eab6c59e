#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Debian's own bash, dash and sqlite3 run with Debian's dynamic linker and libraries.
# SOAK=1 adds tools/experiments/dynamic (the cost of dynamic linking) and leak (a memory leak).
# (001-17, 001-18, 002-4 ... 002-6)
use lib 'tests/lib';
use Clockhand;

my $guest = build() . '/guest';
plan skip_all => 'no lib.img (make guest-lib)' unless -f "$guest/lib.img";

my ($status, $out, $err);
for my $script ($ENV{SOAK} ? qw(dynamic leak) : ()) { # leak: 003-6
    ($status, $out, $err) = run_command('', "tools/experiments/$script", build());
    is($status, 0, "tools/experiments/$script.ch holds") or diag($err, $out);
}

sub with_lib {
    my ($command, @options) = @_;
    return guest("mount -t ext2 -o ro /dev/vdb /lib && $command", '--drive',
        "$guest/root.img,overlay", '--drive', "$guest/lib.img,ro",
        '--timing', 'fast', @options);
}
($status, $out, $err) = with_lib(q(/lib/bin/bash -c 'a=($(seq 5)); f() { )
        . q(local n=$1; ((n < 2)) && echo 1 || echo $((n * $(f $((n - 1))))); }; )
        . q(printf "%s\n" "${#a[@]}" "$(f 6)"; [[ abc =~ ^a.c$ ]] && echo match; )
        . q(trap "echo trapped" USR1; kill -USR1 $$; sort <(echo b; echo a) ; )
        . q(exit 7'));
is($status, 7, 'bash: its status') or diag($err);
is($out, "5\n720\nmatch\ntrapped\na\nb\n",
    'bash: arrays, functions, signals, process substitution');
($status, $out) = with_lib(q(echo 'seq 1 300 | while read n; do echo $n; )
        . q(done | tail -n 1' | /lib/bin/dash));
is($out, "300\n", 'dash: a script of pipes');

# sqlite3 locks bytes of its file. Three processes at once lose no row; while one process
# holds the lock, another is told that the database is locked. WAL mode maps a shared file.
my $sqlite = 'S=/lib/bin/sqlite3; cd /tmp; '
    . '$S a.db "create table t(b); insert into t values (1),(2),(3)"; '
    . 'for i in 1 2 3; do for k in 1 2 3; do $S -cmd ".timeout 20000" a.db '
    . '"insert into t values ($i)"; done & done; wait; '
    . '$S a.db "select count(*), sum(b) from t; pragma integrity_check"; '
    . '$S -cmd "begin exclusive" a.db ".shell $S a.db \\"delete from t\\""; '
    . '$S a.db "pragma journal_mode=wal; insert into t values (7); '
    . 'select count(*) from t"';
($status, $out, $err) = with_lib($sqlite, '--ram', '32M');
is($out, "12|24\nok\nwal\n13\n", 'sqlite3: every row, once') or diag($err);
like($err, qr/database is locked/, 'sqlite3: one at a time');

# Under memory pressure: the libraries' pages come and go; pages that the linker
# has patched go to swap and come back patched.
($status, $out, $err) = with_lib('/lib/demo/text 3 & /lib/demo/pic 3 & '
        . 'hog 2x 1; wait; /lib/demo/text && echo 1 > /proc/audit && '
        . 'echo sound', '--ram', '8M', '--swap', '64M');
like($out, qr/forked 1, read all back: 0 pages wrong.*^sound$/ms,
    'hog writes twice the RAM: no page is wrong, and the programs still run') or diag($out, $err);
($status, $out, $err) = with_lib('LD_LIBRARY_PATH=/nowhere /lib/demo/pic && '
        . 'umount /lib; /lib/demo/pic');
is($status, 127, 'after umount the program is not found');
done_testing;
