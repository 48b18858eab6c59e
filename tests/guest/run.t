#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# With --run a command in the guest has clockhand's standard streams, and clockhand ends with the
# command's status. Debian's unmodified busybox and a static glibc program work.
use lib 'tests/lib';
use Clockhand;

my $b = build();

# Each command has a boot of its own, because its exit status is tested.
sub check {
    my ($command, $want_status, $want_out, $want_err) = @_;
    my ($status, $out, $err) = guest($command);
    is($status, $want_status, "status of: $command") or diag($err);
    is($out, $want_out, "output of: $command");
    is($err, $want_err // '', "standard error of: $command");
}
check('echo $((6*7))', 0, "42\n");
check('exit 3', 3, '');
check('kill -9 $$', 137, '');
check('echo oops >&2; false', 1, '', "oops\n");
check("printf 'a\\tb\\nno newline'", 0, "a\tb\nno newline");

# The command reads standard input, byte for byte, to its end.
my $bytes = join '', map { chr } 0 .. 255;
my ($status, $out) = run_command($bytes x 20, "$b/clockhand", '--run',
    'cat; echo; test -t 0 || test -t 1 || echo no terminal');
is($status, 0, 'cat of binary input');
is($out, $bytes x 20 . "\nno terminal\n", 'input arrives unchanged');

my $script = <<'SH';
cd /
mark() { echo "== $1"; }
mark sort; seq 1 2000 | sort -rn | head -3
mark ls; ls -l /bin/busybox
mark grep; grep -c root /etc/passwd
mark awk; seq 1 100 | awk '{ s += $1 } END { print s }'
mark find; find /etc -name passwd
mark ps; ps
mark top; top -b -n1 | head -5
mark free; free
mark sub; echo $(echo a | tr a b) `echo c`
mark heredoc; cat <<X
$((1+1)) two
X
mark redirect; echo hello > /tmp/f; cat < /tmp/f; wc -c /tmp/f
mark glob; echo /etc/pass*
mark bg; sleep 0.01 & wait; echo $?
mark md5; md5sum /bin/busybox | cut -c1-32
mark proc; cat /proc/self/comm /proc/uptime | head -1
mark env; env | grep -c ^PATH
mark end
SH
($status, $out, my $err) = guest($script);
is($status, 0, 'a script of ordinary commands') or diag("$out\n$err");
my %part;
my $name = '';
for (split /^/, $out) {
    if (/^== (\w+)/) { $name = $1; next }
    $part{$name} .= $_;
}
is($part{sort}, "2000\n1999\n1998\n", 'seq | sort | head');
like($part{ls}, qr/^-rwxr-xr-x\s+\d+ root\s+root\s+\d{6,} .* \/bin\/busybox$/m, 'ls -l');
is($part{grep}, "1\n", 'grep');
is($part{awk}, "5050\n", 'awk');
is($part{find}, "/etc/passwd\n", 'find');
like($part{ps}, qr/^\s*PID.*\n(?:.*\n)*\s*1 /, 'ps shows process 1');
like($part{top}, qr/^Mem: \d+K used, \d+K free/m, 'top');
like($part{top}, qr/^CPU:/m, 'top shows the processor\'s shares');
like($part{free}, qr/^Mem:\s+1[0-9]{4}\b/m, 'free: about 16 MiB in all');
is($part{sub}, "b c\n", 'command substitution');
is($part{heredoc}, "2 two\n", 'here document');
is($part{redirect}, "hello\n6 /tmp/f\n", 'redirections');
is($part{glob}, "/etc/passwd\n", 'globbing');
is($part{bg}, "0\n", 'background and wait');
is($part{env}, "1\n", 'environment');
my ($sum) = split ' ', `debugfs -R 'cat /bin/busybox' $b/guest/root.img 2>/dev/null | md5sum`;
is($part{md5}, "$sum\n", 'busybox reads its whole file through the page cache');

# A static glibc program, compiled here and put into the image by debugfs, runs.
my $c = spew(tmp('glibc.c'), <<'C');
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>
int main(int argc, char **argv)
{
    double x = argc > 1 ? atof(argv[1]) : 2;
    char *p = malloc(300000);
    memset(p, 7, 300000);
    printf("%.6f %d %s\n", sqrt(x), p[299999], getenv("HOME") ? "home" : "-");
    fflush(stdout);
    if (fork() == 0)
        _exit(9);
    int status;
    wait(&status);
    return WEXITSTATUS(status);
}
C
system('riscv64-linux-gnu-gcc', '-O2', '-static', '-o', tmp('glibc'), $c,
    '-lm') == 0 or die('no cross compiler');
spew(tmp('root.img'), slurp("$b/guest/root.img"));
spew(tmp('debugfs'), 'write ' . tmp('glibc') . " /bin/glibc\n"
        . "set_inode_field /bin/glibc mode 0100755\n");
system('debugfs -w -f ' . tmp('debugfs') . ' ' . tmp('root.img')
        . ' >/dev/null 2>&1');
($status, $out, $err) = clockhand('--drive', tmp('root.img') . ',overlay', '--run', 'glibc 2');
is($out, "1.414214 7 home\n", 'a static glibc program') or diag($err);
is($status, 9, '... its status');

# ---- random bytes: the same from the same seed, others from another ----
my @bytes = map { (guest('head -c 16 /dev/urandom | od -An -tx1', '--timing', 'fast', '--seed', $_))[1] }
    1, 1, 2;
is($bytes[0], $bytes[1], 'one seed, the same random bytes');
isnt($bytes[0], $bytes[2], 'another seed, others');

done_testing();
