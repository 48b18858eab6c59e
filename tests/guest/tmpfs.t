#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Files of /tmp whose pages are in swap are truncated, written when /tmp is full, read by swapoff, and
# removed while the disk writes them (SOAK=1: under two policies). /tests/all tmpfs_... tests pages in memory.
use lib 'tests/lib';
use Clockhand;

my $sound = 'echo 1 > /proc/audit && echo sound';
sub run_in_swap {
    my ($ram, $text, @options) = @_;
    my (undef, $out, $err) = guest("PATH=\$PATH:/era/bin\n$text\n$sound",
        '--timing', 'fast', '--ram', $ram, '--swap', '64M', @options);
    like($out, qr/^sound$/m, "$ram @options: the kernel is sound") or diag($err);
    return $out;
}

# The tail of the last page is cut off in swap, too.
my $out = run_in_swap('8M', <<'SH');
yes | head -c 8192 > /tmp/x; hog 2x > /dev/null
truncate -s 5000 /tmp/x; truncate -s 8192 /tmp/x
tail -c 3192 /tmp/x | tr -d '\0' | wc -c; stat -c %b /tmp/x
head -c 5000 /tmp/x | md5sum; yes | head -c 5000 | md5sum
SH
like($out, qr/^0\n16\n([0-9a-f]{32})  -\n\1  -$/m,
    'a page in swap is cut: zeros follow') or diag($out);

# A page that is read back keeps its slot in swap, but df counts the page once.
my $full = <<'SH';
yes | dd of=/tmp/f bs=64k count=200 2>/dev/null; df /tmp | tail -1
hog 2x > /dev/null; stat -c %b /tmp/f; df /tmp | tail -1
printf x | dd of=/tmp/f bs=1 seek=400000 conv=notrunc 2>/dev/null && echo over
(echo x > /tmp/g) 2>/dev/null || echo full
tr -d 'x\n' < /tmp/f | wc -c; df /tmp | tail -1
rm /tmp/*; df /tmp | tail -1
SH
$out = run_in_swap('8M', $full);
my $df = qr/^tmp +4096 +(\d+) +(\d+) .*\n/m;
is_deeply([$out =~ /$df/g], [(4096, 0) x 3, 0, 4096],
    'a full /tmp stays full, in memory and in swap, until its file is removed') or diag($out);
like($out, qr/^8192\n.*\nover\nfull\n2097151\n/m,
    '... and a byte of the file can be written again, but no new page') or diag($out);

# swapoff reads the pages of /tmp back, unless a signal ends it.
$out = run_in_swap('16M', <<'SH');
yes | head -c 7000000 | tee /tmp/f | md5sum; hog 2x > /dev/null
swapoff /dev/vdb & usleep 100000; kill -9 $!; wait $!; echo status $?
grep -c vdb /proc/swaps; swapoff /dev/vdb; grep -c vdb /proc/swaps; md5sum < /tmp/f
SH
like($out, qr/^(\w{32})  -\nstatus 137\n1\n0\n\1  -$/m,
    'swapoff can be killed, and the area stays') or diag($out);

# A slot must not become free before its page has been written: else another page may get the slot,
# and the disk may write that page first. Audits run while a removed file's pages are being written.
for my $policy ('sunos', $ENV{SOAK} ? 'clock' : ()) {
    $out = run_in_swap('8M', <<'SH', '--policy', $policy);
for n in 1 2 3 4 5 6; do
    seqread -c 2M /tmp/f 1 > /dev/null; hog 5M > /dev/null & usleep ${n}0000
    rm /tmp/f & for k in 1 2 3 4 5 6 7 8 9 10; do
        echo 1 > /proc/audit || echo wrong; usleep 1000
    done 2> /dev/null; wait
done
SH
    is($out, "sound\n", "$policy: no slot is free while it is written");
}
done_testing;
