# First light: what `make run` shows. A program is paged in on demand, writes
# memory, forks and breaks copy-on-write; then the prompt is yours.
expect "# " 60s
send "firstlight\n"
expect "That is all" 120s
