# options: --ram 16M
# Reading pages of a file here and there. A disk arm must move for each page
# that is not in memory, which takes milliseconds; once all have been seen,
# microseconds.
expect "# " 60s
send "randread /era/linux26/lib/libc.so.1 400; echo status $?\n"

# 400 reads of 193 pages in an order without order, then the same again. The
# program compares what it saw.
expect "first: 400 pages of 193" 60s
expect "again: 400 pages of 193" 60s
expect " 0 KiB from disk" 10s
expect "status 0" 10s

# Through a mapping the same pages are mapped in by faults, no disk needed.
expect "# " 10s
send "randread -m /era/linux26/lib/libc.so.1 400; echo status $?\n"
expect "first: 400 pages of 193" 10s
expect " 0 KiB from disk" 10s
expect "status 0" 10s
expect "# " 10s
audit
