# SPDX-License-Identifier: MIT
# This is the kernel's pressure suite. Each function brings about one kind of shortage (idle: none),
# with the options given, and checks all that must hold. `make pressure` runs all of it under every
# policy, by pressure_policies.t in tests/guest; other .t files there run parts.
package Pressure;
use Exporter 'import';
use Clockhand qw(build clockhand tmp json slurp spew events succeeds);
use PageLedger;
our @EXPORT = qw(policies pressed killed fork_bomb tmp_in_swap files
                 repeats idle swapoff_returns_pages locked inherited refills wanted);

# Returns the names of all policies, from `--policy list`.
sub policies {
    my ($status, $out) = clockhand('--policy', 'list');
    return $out =~ /^(\w+)/mg;
}

# Runs Clockhand::guest. With DISK=cut=7 (say) in the environment, root and swap are
# disks with that option of --drive; cut=7 gives them a volatile write cache that reorders.
sub guest {
    my ($command, @options) = @_;
    my $kind = $ENV{DISK} or return Clockhand::guest($command, @options);
    my ($drives, $size) = (0, '32M');
    for (0 .. $#options - 1) {
        $size = $options[$_ + 1] if $options[$_] eq '--swap';
        $options[$_ + 1] .= ",$kind" and $drives++ if $options[$_] eq '--drive';
    }
    push @options, '--drive', build() . "/guest/root.img,overlay,$kind" if !$drives;
    if ($size =~ /^([1-9]\d*)M$/) {
        truncate spew(tmp('swap.img'), ''), $1 << 20;
        # (The UUID is part of the machine's hash, so it must be the same each time.)
        system(qw(mkswap -q -U 00000000-0000-4000-8000-000000000001), tmp('swap.img')) == 0
            or die 'mkswap';
        push @options, '--swap', '0', '--drive', tmp('swap.img') . ",overlay,$kind",
            '--append', 'swap=/dev/vd' . ($drives > 1 ? 'c' : 'b');
    }
    return Clockhand::guest($command, @options);
}

my $sound  = 'echo 1 > /proc/audit && echo sound';
# (The sleep lets the read-ahead of the commands' text end: its request is a kernel object.)
my $levels = 'grep -E "^(MemFree|Cached|Slab):" /proc/meminfo; sleep 1; '
    . 'grep -E "^kmem_(small_alloc|large_alloc|oversize) " /proc/counters; ';

# Tests that a round ends with as much memory as the round before. The sum of free frames, page
# cache (reclaim may leave more or fewer pages of running programs, such as the shell) and slabs
# (one long-lived object keeps a frame) is the same; so are the bytes of kernel objects in use.
sub check_memory_returned {
    my ($name, $out, $round) = @_;
    my (@frames, @used);
    for (["MemFree", \@frames], ["Cached", \@frames], ["Slab", \@frames],
        ["kmem_small_alloc", \@used], ["kmem_large_alloc", \@used],
        ["kmem_oversize", \@used])
    {
        my ($what, $sum) = @$_;
        my @each = $out =~ /^$what:?\s+(\d+)/mg;
        $sum->[$_] += $each[$_] for 0 .. $#each;
    }
    is($frames[$round], $frames[$round - 1], "$name: all frames given back");
    is($used[$round], $used[$round - 1], "$name: all kernel objects given back, too");
    return;
}

sub min { return $_[0] < $_[1] ? $_[0] : $_[1] }

# A program writes and reads $kib / 2 KiB of memory, in a second run $kib: every word comes
# back, and as many frames are free after both runs. $what is private, shared or moved (see
# guest/user/alone/pressure.c).
sub pressed {
    my ($what, $kib, @options) = @_;
    my $name = "$what $kib @options";
    my ($events, $stats) = (tmp('events'), tmp('stats'));
    # The kernel's own tables reach their full size in the first run, which is half
    # as big. swapoff brings the shell's pages back before frames are counted.
    my $count = 'swapoff /dev/vdb; echo 3 > /proc/sys/vm/drop_caches; '
        . "$levels swapon /dev/vdb; ";
    my ($status, $out, $err) = guest(
        "for kib in @{[$kib / 2]} $kib; do /tests/pressure $what \$kib || echo failed; "
            . "$count done; $sound",
        "@options" =~ /--timing/ ? () : ('--timing', 'fast'), '--events', $events, '--stats', $stats, @options);
    is($status, 0, "$name: the commands succeed") or diag($err);
    my $pages = $kib / 4;
    is_deeply([$out =~ /^pressure: $what: (\d+) pages, 0 errors$/mg], [$pages / 2, $pages],
        "$name: every word came back, in both runs") or diag($out);
    unlike($out, qr/failed/, "$name: no run failed");
    like($out, qr/^sound$/m, "$name: the audit holds");
    check_memory_returned($name, $out, 1);

    my $v = json(slurp($stats))->{kernel};
    my $books = ledger($events);
    is_deeply([@{ $books->{broken} }[0 .. min(4, $#{ $books->{broken} })]], [],
        "$name: no event breaks a rule of reclaim");
    my $of = $books->{count};
    ok($v->{pswpout} > $pages / 2, "$name: pages were swapped out");
    is($v->{pswpout}, $of->{'swap-out'}, "$name: pswpout is the number of its events");
    is_deeply([grep { !/^(?:pageout|fault|syscall)$/ } keys %{ $books->{actor}{'swap-out'} }], [],
        "$name: ... all by the pageout daemon, or a process that found no frame");
    is($v->{oom_kill}, 0, "$name: no process was killed");
    my %by = (pgactivate => 'activate', pgdeactivate => 'deactivate',
        pgreferenced => 'ref-cleared', workingset_refault => 'refault',
        pgrec => 'cache-found');
    is_deeply([map { $v->{$_} } sort keys %by],
        [map { $of->{ $by{$_} } // 0 } sort keys %by],
        "$name: @{[sort keys %by]}: each is the number of its events");
    # (A page of shared memory has a second swap-in, when it leaves the swap cache.)
    my $came = $books->{came};
    is($v->{pswpin}, $came->{'swap-in'} + ($came->{'swap-ahead'} // 0),
        "$name: pswpin is the number of its events");
    is($v->{swap_ra}, $of->{'swap-ahead'} // 0, "$name: swap_ra is the number of its events");
    ok($v->{swap_ra_hit} <= $v->{swap_ra}, "$name: at most one hit for each page read ahead");
    return;
}

# A program that needs more than RAM and swap is killed each time, with a report, and no
# frame is lost from round to round. (The first round makes the kernel's own tables.)
sub killed {
    my ($name, $command, @options) = @_;
    my $events = tmp('events');
    my $off = 'swapoff /dev/vdb 2>/dev/null; echo 3 > '
        . '/proc/sys/vm/drop_caches; ' . $levels
        . 'swapon /dev/vdb 2>/dev/null; ';
    my ($status, $out, $err) = guest("for i in 1 2 3; do $command; echo "
            . "status \$?; $off done; $sound; grep oom_kill /proc/vmstat",
        '--timing', 'fast', '-v', '--events', $events, '--set',
        'vm.overcommit_memory=1', @options);
    $err =~ s/\r//g;
    is($status, 0, "$name: the shell goes on") or diag($err);
    is(scalar(() = $out =~ /^status 137$/mg), 3, "$name: killed each time") or diag($out);
    like($out, qr/^sound$/m, "$name: the audit holds");
    check_memory_returned($name, $out, 2);
    my @report = $err =~ /^\[ *\d+\.\d+\] (oom-killer: .*|Out of Memory: Killed process \d+ \(pressure\)\.|VM: killing process pressure)$/mg;
    # 2.4.0 and 2.4.0-test2 print one line a kill, in different forms.
    my ($who) = "@options" =~ /--policy (linux24|linux240t|kpaged)\b/;
    is(scalar @report, $who ? 3 : 6, "$name: the kernel reports each kill") or diag($err);
    is(scalar(() = $err =~ /VM: killing/g), 3, "$name: ... as 2.4.0-test2 did")
        if $who && $who ne 'linux24';
    like($out, qr/^oom_kill 3$/m, "$name: oom_kill counts the kills");
    is(scalar(grep { $_->{reason} eq 'oom' } events($events)), 3, "$name: each kill has an event");
    return $err;
}

# Forks more processes than fit at once: some forks fail, and all processes end.
sub fork_bomb {
    my @options = @_;
    my $count = "echo 3 > /proc/sys/vm/drop_caches; $levels";
    my ($status, $out, $err) = guest("$count for i in 1 2 3; do "
            . "/tests/crowd 5000; echo status \$?; $count done; $sound",
        '--timing', 'fast', '-v', @options);
    is(scalar(() = $out =~ /^crowd: \d+ of 5000 processes at once, fork then says (?:11|12), all gave their number$/mg),
        3, "fork bomb @options: EAGAIN or ENOMEM, nothing else happens")
        or diag($out, $err);
    like($out, qr/^sound$/m, "fork bomb @options: the audit holds");
    check_memory_returned("fork bomb @options", $out, 3);
    return;
}

# Memory that a file in /tmp holds goes to swap like any other: the file is
# four fifths of memory, a program beside it wants two and a half times memory.
sub tmp_in_swap {
    my ($ram, @options) = @_; # MiB
    my ($blocks, $kib) = (int($ram * 12.5), $ram * 2500);
    my ($status, $out, $err) = guest('dd if=/dev/urandom of=/tmp/a bs=64k '
            . "count=$blocks 2>/dev/null; md5sum < /tmp/a; /tests/pressure "
            . "private $kib; md5sum < /tmp/a; rm /tmp/a; $sound; "
            . 'grep SwapFree /proc/meminfo',
        '--timing', 'fast', '--ram', "${ram}M", '--swap', 6 * $ram . 'M',
        @options);
    my $name = "$ram MiB @options";
    my @sum = $out =~ /^([0-9a-f]{32})/mg;
    is($sum[1] // '', $sum[0] // 'none',
        "$name: a file in /tmp comes back from swap as it was")
        or diag($out, $err);
    my $pages = $kib / 4;
    like($out, qr/^pressure: private: $pages pages, 0 errors$/m,
        "$name: ... and so does the memory beside it") or diag($out, $err);
    like($out, qr/^sound$/m, "$name: ... the audit holds after the file is removed");
    return;
}

# A file of three quarters of memory is written and copied while a program needs
# nearly all memory: no data is lost, no process is killed, none waits for ever.
sub files {
    my ($ram, @options) = @_; # MiB
    my ($blocks, $kib) = ($ram * 12, $ram * 1000);
    my $name = "files, $ram MiB @options";
    my $disk = tmp('data.img');
    unlink $disk;
    system("mke2fs -q -t ext2 -b 4096 -m 0 $disk " . 2 * $ram . "M >/dev/null") == 0
        or die 'mke2fs';
    my ($status, $out, $err) = guest('mount -t ext2 /dev/vdb /mnt; cd /mnt; '
            . "/tests/pressure private $kib & "
            . "dd if=/dev/urandom of=a bs=64k count=$blocks "
            . '2>/dev/null; cp a b; md5sum < a; '
            . "md5sum < b; wait; $sound; grep oom_kill /proc/vmstat; "
            . 'cd /; umount /mnt',
        '--timing', 'fast', '--ram', "${ram}M", '--swap', 2 * $ram . 'M',
        '--drive', build() . '/guest/root.img,overlay', '--drive', $disk,
        @options);
    is($status, 0, "$name: the commands succeed") or diag($err);
    my @sum = $out =~ /^([0-9a-f]{32})/mg;
    is($sum[1] // '', $sum[0] // 'none', "$name: the copy is the file");
    my $pages = $kib / 4;
    like($out, qr/^pressure: private: $pages pages, 0 errors$/m,
        "$name: the program's memory is what it wrote") or diag($out);
    like($out, qr/^sound$/m, "$name: the audit holds");
    like($out, qr/^oom_kill 0$/m, "$name: no process was killed");
    is(system("e2fsck -fn $disk >/dev/null 2>&1"), 0, "$name: the disk is sound");
    return;
}

# swapoff brings all pages back, and is refused while they do not fit.
sub swapoff_returns_pages {
    my ($ram, @options) = @_; # MiB
    my ($kib, $swap) = ($ram * 560, 2 * $ram);
    my $name = "swapoff, $ram MiB @options";
    my ($status, $out, $err) = guest("/tests/pressure swapoff $kib; s=\$?; "
            . 'cat /proc/swaps; exit $s', '--timing', 'fast', '--ram',
        "${ram}M", '--swap', "${swap}M", @options);
    is($status, 0, "$name: the commands succeed") or diag($out, $err);
    like($out, qr/^pressure: swapoff: -12 while memory was full, then 0; VmSwap some before, 0 after; SwapTotal 0$/m,
        "$name: refused while it does not fit, then all back") or diag($out);
    my $slots = $swap * 1024 - 4;
    like($out, qr{^/dev/vdb\s+partition\s+$slots\s+\d+\s+-2$}m,
        "$name: swapon makes it available again");
    return;
}

# Locked pages stay in memory while a hog wants three times RAM.
sub locked {
    my ($ram, @options) = @_; # MiB
    my ($kib, $hog) = ($ram * 128, $ram * 3000);
    my $name = "locked, $ram MiB @options";
    my ($status, $out, $err) = guest("/tests/locked $kib $hog "
            . '/era/linux26/lib/libc.so.1', '--timing', 'fast', '--ram',
        "${ram}M", '--swap', 4 * $ram . 'M', @options);
    is($status, 0, "$name: the command succeeds") or diag($out, $err);
    my $pages = 2 * $kib / 4 + 193; # 193: the library
    like($out, qr/^locked: $pages pages stayed, 0 errors; hog: ok$/m,
        "$name: locked pages stay, word by word") or diag($out);
    like($out, qr/^unlocked: \d+ pages had left$/m, "$name: ... until they are unlocked");
    return;
}

# Pages of the swap cache that only a sleeping child's swap entries name (its parent,
# which used them, has ended) are evicted when other processes need memory. (Under 2.4.0-test2
# such a page would stay if, mapped while it was written, it had left lru_cache for good.)
sub inherited {
    my ($ram, @options) = @_; # MiB
    my ($kib, $hog) = (4 * int($ram * 94), $ram * 750);
    my $name = "inherited, $ram MiB @options";
    my ($status, $out, $err) = guest("/tests/inherited $kib $hog; $sound",
        '--timing', 'fast', '--ram', "${ram}M", '--swap', 4 * $ram . 'M', @options);
    my $pages = $kib / 4;
    like($out, qr/^inherited: $pages pages, 0 errors$/m, "$name: every word is there")
        or diag($out, $err);
    like($out, qr/^sound$/m, "$name: the audit holds");
    my ($left) = $out =~ /^inherited: (\d+) of $kib kB left in memory$/m;
    cmp_ok($left // $kib, '<', $kib * 2 / 3, "$name: other processes got some of its memory");
    return;
}

# Programs read back what was in memory before, with enough room for all: for each kind of memory, of
# which a page lies beside a private one wherever they are in swap, the disks read hardly a page
# more than was wanted: a few of the shell, whose slots lie between. (The most that was seen under any
# policy was 15 more for 800. If read-ahead of swap does not know shared memory, it is 400 more.)
# Nor do many more faults wait for the disk in shared than in private memory: mostly as many, under
# sunos up to 1.5 times, by the luck of where slots lie; without that knowledge, under linux612 three times.
sub wanted {
    my ($ram, @options) = @_; # MiB
    my $private;
    for my $kind (qw(private shared tmpfs file)) {
        my $name = "wanted, $kind, $ram MiB @options";
        my ($n, $hog) = ($ram * 50, $ram * 1250);
        my ($status, $out, $err) = guest("/tests/wanted $kind $n $hog; $sound", '--timing', 'fast',
            '--ram', "${ram}M", '--swap', 4 * $ram . 'M', @options);
        my ($wanted, $read, $major) = $out
            =~ /^wanted: $kind: (\d+) of \d+ pages absent, (\d+) read, (\d+) major faults, 0 errors$/m;
        ok(defined $read, "$name: every word came back") or diag($out, $err) or next;
        cmp_ok($wanted, '>=', $n, "$name: pages had left memory");
        cmp_ok($read, '>=', $wanted * 3 / 4, "$name: ... and are read back");
        cmp_ok($read, '<=', $wanted * 1.02 + 4, "$name: pages read beside $wanted wanted");
        my $each = $major / $wanted;
        $private //= $each;
        cmp_ok($each, '<=', 2 * $private, "$name: major faults, for each page wanted")
            unless $kind eq 'file';
        like($out, qr/^sound$/m, "$name: the audit holds");
    }
    return;
}

# When fewer than vm.low frames are free, the daemon (the policy's own, or kpageoutd) works
# until vm.high are. (Frames that a policy counts as free count here, too.) The file that is made
# after "end" takes more frames than there are between the two marks.
sub refills {
    my ($policy) = @_;
    my $free = 'vm.free' . ($policy =~ /sun|solaris|bsd/ ? ' + vm.kept'
        : $policy eq 'linux24' ? ' + vm.inactive_clean' : '');
    succeeds("$policy: the daemon stops at high", clockhand(qw(--ram 8M --timing fast
        --max-sim-time 160s --policy), $policy, '-x', spew(tmp('refill.ch'), <<"END")));
expect "# " 60s
send "idled -p 1000000 -a 6500K & sleep 1; echo e''nd; head -c 900K /dev/zero > /tmp/x\\n"
expect "end" 100s
run-until every 1ms $free < vm.low || $free >= vm.high
run-until every 1ms $free >= vm.high
assert $free < 2 * vm.high
END
    return;
}

# The same machine, run twice, ends in the same state, to the bit.
sub repeats {
    my @options = @_;
    my @hash;
    for (1, 2) {
        my ($status, $out, $err) = guest('/tests/pressure private 10000',
            '--timing', 'fast', '--swap', '16M', '--hash', @options);
        push @hash, $err =~ /^hash ([0-9a-f]+)$/m;
    }
    is($hash[1] // '', $hash[0] // 'none', "@options: two runs end in the same state");
    return;
}

# With memory to spare no page is taken, and a program that is run again is not read again.
sub idle {
    my @options = @_;
    my $io = 'cat /proc/diskstats; echo ==; ';
    my $program = '/tests/glibc > /dev/null; ls -lR /bin /era | md5sum; ' . 'echo ==; ';
    my ($status, $out) = guest("$program $io $program $io"
            . 'grep -E "^(pswpout|allocstall)" /proc/vmstat', @options);
    my @part = split /^==\n/m, $out;
    is($part[3], $part[1],
        "@options: a program that is run again is not read again: no disk access");
    is($part[4], "pswpout 0\nallocstall 0\n",
        "@options: no process waited for memory, no page was swapped");
    return;
}

1;
