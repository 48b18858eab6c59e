#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Finds a read of the host's clock in the machine: with a host clock that is years off,
# runs three times as fast or jumps, the hash must be the same. The last check shows
# that the test can fail: it links a clockhand whose real-time clock (rtc_read, replaced by
# --wrap) adds the host's time to its registers, and there the hash changes.
use lib 'tests/lib';
use Clockhand;
use Planted;

my $b = build();

# The shim replaces three functions of libc that read a clock.
spew(tmp('shim.c'), <<'C');
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static double skew(double t)
{
    const char *off = getenv("SHIM_OFFSET"), *by = getenv("SHIM_SPEED");
    static unsigned calls;
    /* Now and then it jumps a little, as a corrected clock does. */
    return t * (by ? atof(by) : 1) + (off ? atof(off) : 0) +
           (off && ++calls % 7 == 0 ? .003 : 0);
}
int clock_gettime(clockid_t c, struct timespec *t)
{
    int r = syscall(SYS_clock_gettime, c, t);
    double s = skew(t->tv_sec + t->tv_nsec * 1e-9);
    t->tv_sec = (time_t)s;
    t->tv_nsec = (long)((s - (double)t->tv_sec) * 1e9);
    return r;
}
time_t time(time_t *out)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (out)
        *out = t.tv_sec;
    return t.tv_sec;
}
int gettimeofday(struct timeval *tv, void *tz)
{
    struct timespec t;
    (void)tz;
    clock_gettime(CLOCK_REALTIME, &t);
    tv->tv_sec = t.tv_sec;
    tv->tv_usec = t.tv_nsec / 1000;
    return 0;
}
C
system('gcc', '-shared', '-fPIC', '-O1', '-o', tmp('shim.so'),
    tmp('shim.c')) == 0 or die('no shim');

my $planted = planted_program('rtc_read', <<'C');
#include <time.h>
#include "dev/rtc.h"
bool __real_rtc_read(struct rtc *r, u64 offset, unsigned bytes, u64 now,
                     u64 *value);
bool __wrap_rtc_read(struct rtc *r, u64 offset, unsigned bytes, u64 now,
                     u64 *value);
bool __wrap_rtc_read(struct rtc *r, u64 offset, unsigned bytes, u64 now,
                     u64 *value)
{
    bool ok = __real_rtc_read(r, offset, bytes, now, value);
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    *value += (u64)t.tv_sec;
    return ok;
}
C
ok($planted, 'the planted machine builds');

sub hash_of {
    my ($program, $offset, $speed) = @_;
    local $ENV{LD_PRELOAD}   = tmp('shim.so');
    local $ENV{ASAN_OPTIONS} = 'verify_asan_link_order=0';
    local $ENV{SHIM_OFFSET}  = $offset if defined $offset;
    local $ENV{SHIM_SPEED}   = $speed  if defined $speed;
    my ($status, $out, $err) = run_command('', $program, '--hash', '--run',
        'date +%Y > /tmp/y; sleep 0.01; cat /tmp/y');
    my ($hash) = $err =~ /^hash (\w+)/m;
    ok($hash, 'a run' . (defined $offset ? " at $offset s, speed $speed" : ''))
        or diag("$status\n$out\n$err");
    return $hash // '';
}

my $real = "$b/clockhand";
my $hash = hash_of($real);
is(hash_of($real, 1e8, 1), $hash, 'three years later: the same hash');
is(hash_of($real, -1e8, 3), $hash, 'a clock three times as fast: the same hash');
is(hash_of($real, 12345.678, .2), $hash, 'a slow clock: the same hash');

# The cycles at which a script stops (at output, at events, after a time) depend on the
# machine alone, not on the host's clock, which divides the run into pieces.
my $script = spew(tmp('stops.ch'), <<'CH');
expect "# " 5s
hash
send "ls -l / | sort; echo end$((1+1))\n"
catch fork
continue
hash
delete
expect "end2" 1s
hash
continue
hash
send "cat /proc/uptime\n"
run-until pgfault % 7 == 0
hash
run-for 50ms
hash
CH
sub stops {
    local $ENV{LD_PRELOAD}   = tmp('shim.so');
    local $ENV{ASAN_OPTIONS} = 'verify_asan_link_order=0';
    local ($ENV{SHIM_OFFSET}, $ENV{SHIM_SPEED}) = @_;
    my ($status, $out, $err) = run_command('', $real, '-x', $script);
    my @hashes = $out =~ /^hash (\w+)/mg;
    ok($status == 0 && @hashes == 6, "a script at speed $_[1]") or diag("$status\n$out\n$err");
    return @hashes;
}
my @stops = stops(0, 1);
is_deeply([stops(5, 50)], \@stops, 'the script stops at the same places with a fast clock');
is_deeply([stops(7, .01)], \@stops, '... and with a slow clock');

my $p1 = hash_of($planted, 1000.0001, 1);
my $p2 = hash_of($planted, 2000.0002, 2);
isnt($p1, $p2, 'a planted read of the clock changes the hash');

done_testing();
