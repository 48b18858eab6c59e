#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Debian's own test suite of Python (libpython3.13-testsuite): its modules about signals, files, memory, processes and
# threads run here and under Debian's Linux 6.12, on the same machine. Each single test must end here as it does there,
# except those of @absent, which names what each of these lacks.
#
#   SOAK=1 tests/guest/python_suite.t [MODULE...]     a quarter of an hour of CPU for all
use lib 'tests/lib';
use Clockhand;
use Debian;

plan skip_all => 'make soak runs it' unless $ENV{SOAK};
debian_images();

# test.test_NAME, or test._NAME; the first five are run by an ordinary user, too.
my @modules = qw(os posix signal subprocess threading threadsignals mmap select poll wait3 wait4 fork1
    fcntl resource tempfile time fileio file_eintr _test_eintr);
my @jobs = (map({ "root:$_" } @modules), map { "user:$_" } @modules[0 .. 4]);
@jobs = grep { my $job = $_; grep { $job =~ /:\Q$_\E\z/ } @ARGV } @jobs if @ARGV;

# The tests that fail or are skipped in the guest alone ("module.Class.test", or all of a class); what README.md says is
# absent that they need; a part of their message. A row fits no test that succeeds. (Linux, too, refuses the 2 GiB.)
my @absent = map { [split / {2,}/] } split /\n/, <<'END';
os.EventfdTests                                             eventfd               [Errno 38]
os.ExtendedAttributeTests                                   extended attributes   no non-broken extended attribute
os.FileTests.test_copy_file_range                           copy_file_range       [Errno 38]
os.FileTests.test_copy_file_range_offset                    copy_file_range       [Errno 38]
os.FileTests.test_large_read                                2 GiB of RAM          MemoryError
os.FileTests.test_splice                                    splice                [Errno 38]
os.FileTests.test_splice_offset_in                          splice                [Errno 38]
os.FileTests.test_splice_offset_out                         splice                [Errno 38]
os.MemfdCreateTests                                         memfd                 [Errno 38]
os.PseudoterminalTests.test_open_via_ptsname                pseudo-terminals      [Errno 2]
os.PseudoterminalTests.test_openpty                         pseudo-terminals      [Errno 2]
os.PseudoterminalTests.test_posix_pty_functions             pseudo-terminals      [Errno 2]
os.TestSendfile.test_invalid_offset                         sockets               [Errno 38]
os.TestSendfile.test_keywords                               sockets               [Errno 38]
os.TestSendfile.test_offset_overflow                        sockets               [Errno 38]
os.TestSendfile.test_send_at_certain_offset                 sockets               [Errno 38]
os.TestSendfile.test_send_whole_file                        sockets               [Errno 38]
os.TimerfdTests                                             timerfd               [Errno 38]
posix.NamespacesTests                                       namespaces            need /proc/self/ns
posix.PosixTester.test_pidfd_open                           pidfds                does not support pidfd
posix.PosixTester.test_preadv_flags                         preadv2               RWF_HIPRI is not supported
signal.PidfdSignalTest                                      pidfds                does not support pidfds
signal.WakeupFDTests.test_invalid_socket                    sockets               [Errno 38]
signal.WakeupFDTests.test_set_wakeup_fd_socket_result       sockets               [Errno 38]
signal.WakeupSocketSignalTests                              sockets               [Errno 38]
subprocess.ProcessTestCase.test_pipesizes                   a size for one pipe   65536 != 32768
subprocess.ProcessTestCaseNoPoll.test_pipesizes             a size for one pipe   65536 != 32768
fcntl.TestFcntl.test_fcntl_64_bit                           dnotify               F_NOTIFY not available
fcntl.TestFcntl.test_fcntl_f_pipesize                       a size for one pipe   65536 != 32768
_test_eintr.SelectEINTRTest.test_epoll                      epoll                 [Errno 38]
_test_eintr.SocketEINTRTest.test_accept                     sockets               [Errno 38]
_test_eintr.SocketEINTRTest.test_recv                       sockets               [Errno 38]
_test_eintr.SocketEINTRTest.test_recvmsg                    sockets               [Errno 38]
_test_eintr.SocketEINTRTest.test_send                       sockets               [Errno 38]
_test_eintr.SocketEINTRTest.test_sendall                    sockets               [Errno 38]
_test_eintr.SocketEINTRTest.test_sendmsg                    sockets               [Errno 38]
END

my $image = packages_image({
    'suite.py' => <<'PY', 'suite.sh' => <<'SH',
"""Runs a module's tests; writes to descriptor 3 a line for each: how it ended, its name, why."""
import os
import sys
import unittest


class Result(unittest.TestResult):
    def say(self, how, test, why=""):
        line = f"\n@{how} {test.id()} # {' '.join(str(why).split())}\n"
        out.write(line.encode(errors="replace"))

    def failed(self, test, err):
        self.say("failed", test, f"{err[0].__name__}: {err[1]}")

    addError = addFailure = failed

    def addSuccess(self, test):
        self.say("ok", test)

    def addExpectedFailure(self, test, err):
        self.say("ok", test)

    def addUnexpectedSuccess(self, test):
        self.say("failed", test, "succeeded unexpectedly")

    def addSkip(self, test, reason):
        self.say("skipped", test, reason)

    def addSubTest(self, test, subtest, err):
        if err:
            self.failed(subtest, err)


if __name__ == "__main__":  # a process of multiprocessing imports this file
    from test import support
    out = os.fdopen(3, "wb", 0)
    os.set_inheritable(3, False)
    support.set_memlimit("3G")
    who, module = sys.argv[1:]
    if who == "user":
        os.setgroups([1000])
        os.setgid(1000)
        os.setuid(1000)
    name = module if module.startswith("_") else "test_" + module
    unittest.defaultTestLoader.loadTestsFromName("test." + name).run(Result())
    out.write(f"\n@end {who} {module}\n".encode())
PY
# Runs the modules of the file `jobs` in the root directory $1.
root=$1
mount -t proc proc $root/proc
mount -t devtmpfs dev $root/dev
mkdir -p $root/dev/pts $root/dev/shm
mount -t devpts pts $root/dev/pts
ip link set lo up # for Linux's sockets
for dir in dev/shm tmp; do mount -t tmpfs tmpfs $root/$dir; done
export HOME=/tmp LANG=C.UTF-8 PATH=/usr/bin
ulimit -c 0
for job in $(cat $root/jobs); do
    echo "@begin ${job%:*} ${job#*:}"
    timeout 900 chroot $root /usr/bin/sh -c "cd /tmp; exec python3.13 \
        /suite.py ${job%:*} ${job#*:} 3>&1 >/dev/null 2>&1 </dev/null"
    rm -rf $root/tmp/*
done
SH
    'etc/passwd' => <<'PASSWD', 'etc/group' => "root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n",
root:x:0:0:root:/root:/bin/sh
user:x:1000:1000:user:/tmp:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false
PASSWD
    jobs => "@jobs\n", 'etc/hosts' => "127.0.0.1 localhost\n",
}, qw(libc6 libgcc-s1 libstdc++6 zlib1g liblzma5 libbz2-1.0 libffi8 libssl3t64 libzstd1 libexpat1 libuuid1
    python3.13-minimal libpython3.13-minimal libpython3.13-stdlib libpython3.13-testsuite));

@absent = grep { my $row = $_; grep { /:(.*)/ && $row->[0] =~ /^\Q$1\E\./ } @jobs } @absent;

# Runs the modules in the guest, or in Debian's Linux: by the same script, in the same root, with the same RAM.
my @machine = ('--timing', 'fast', '--ram', '256M');
local $ENV{TEST_TIMEOUT} = 3600;

sub in_guest {
    return guest('mount -t ext2 /dev/vdb /mnt && exec sh /mnt/suite.sh /mnt', @machine,
        '--drive', build() . '/guest/root.img,overlay', '--drive', "$image,overlay");
}

sub in_linux {
    my $typed = 'mkdir -p /m; mount -t ext2 /dev/vdb /m; sh /m/suite.sh /m; poweroff';
    return clockhand(boot_arguments(build() . '/debian/root.img,overlay'), @machine, '--drive',
        "$image,overlay", '-x', type_and_expect(tmp('suite.ch'), $typed));
}

# Returns {"root os" => {"os.FileTests.test_read" => [how, why]}} of what suite.py wrote. A test with
# several results, of its subtests, has the worst.
sub results {
    my %of;
    my ($job, %rank) = ('none', ok => 0, skipped => 1, failed => 2);
    for (split /\r?\n/, shift) {
        $job = $1 if /^\@begin (.*)/;
        $of{$job}{end} = ['ok', ''] if /^\@end \Q$job\E$/;
        my ($how, $test, $why) = /^\@(ok|skipped|failed) (set\w+ \(.*?\)|\S+).*? # (.*)/ or next;
        $test =~ s/\btest\.(?:test_)?//;
        my $old = $of{$job}{$test};
        $of{$job}{$test} = [$how, $why] if !$old || $rank{ $old->[0] } < $rank{$how};
    }
    return \%of;
}

my (undef, $linux_says, $linux_err) = in_linux();
my (undef, $guest_says, $guest_err) = in_guest();
my ($linux, $guest) = (results($linux_says), results($guest_says));
my @fits = (0) x @absent;
my @stale;
for my $job (map { tr/:/ /r } @jobs) {
    my ($here, $there) = ($guest->{$job} // {}, $linux->{$job} // {});
    my (@wrong, %count);
    my ($end, $linux_end) = map { delete $_->{end} } $here, $there;
    push @wrong, 'the module did not end here' if !$end;
    push @wrong, 'the module did not end under Linux' if !$linux_end;
    for my $test (sort keys %{ { %$here, %$there } }) {
        my ($how, $why) = @{ $here->{$test} // ['missing', ''] };
        my ($linux_how, $linux_why) = @{ $there->{$test} // ['missing', ''] };
        my @rows = grep { $test =~ /^(?:\w+ \()?\Q$absent[$_][0]\E\b/ } 0 .. $#absent;
        if ($how eq 'ok' || ($how eq 'skipped' && $linux_how eq 'skipped')) {
            push @stale, "$job: $test ends here as under Linux" if @rows;
            $count{$how}++;
        } elsif (@rows == 1 && ($linux_how eq 'ok' || $linux_why eq $why) && index($why, $absent[$rows[0]][2]) >= 0) {
            $fits[$rows[0]]++;
            $count{absent}++;
        } else {
            push @wrong, "$test: $how here ($why), $linux_how under Linux ($linux_why)";
        }
    }
    $_ //= 0 for @count{qw(ok skipped absent)};
    ok(!@wrong, "$job: $count{ok} tests succeed, $count{absent} need what is absent, $count{skipped} are "
        . 'skipped, as under Linux') or diag(join "\n", splice @wrong, 0, 30);
}
push @stale, map { "no test: $absent[$_][0]" } grep { !$fits[$_] } 0 .. $#absent;
is_deeply(\@stale, [], 'each row of @absent fits tests that need it');
diag("Linux: $linux_err\nguest: $guest_err") if !%$linux || !%$guest;
done_testing;
