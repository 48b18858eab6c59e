# SPDX-License-Identifier: MIT
# The guest's side of cuts.t. The programs' disk is on /lib, the disk that loses power on /mnt.
#   cuts.sh make            makes the files with which the work begins
#   cuts.sh work WHAT       works, and prints "kept N" as soon as step N is synced
#   cuts.sh check WHAT N    prints "whole" if the work of all steps up to N is there
mount -t ext2 /dev/vdc /mnt && cd /mnt || exit
export HOME=/mnt PATH=/lib/bin:$PATH GIT_EXEC_PATH=/lib/bin
git() { /lib/bin/git -C /mnt/git "$@"; }
tar() { /lib/bin/tar "$@"; }
mv() { /lib/bin/mv "$@"; }
sqlite3() { /lib/bin/sqlite3 "$@"; }
# full N FILE makes a file of 5,000 lines that say N, and syncs it.
full() { yes "$1" | head -n 5000 | dd of="$2" bs=64k iflag=fullblock conv=fsync 2>/dev/null; }
is_full() { [ "$(sort "$1" | uniq -c | tr -d ' ')" = "5000$2" ]; }
commit() { full "$1" "git/$(($1 % 4))" && git add . && git commit -qm "$1"; }

case $1$2 in
make)
    mkdir git a b tree && git init -q 2>/dev/null
    for set in user.name=a user.email=b core.fsync=all core.logAllRefUpdates=false; do
        git config ${set%=*} ${set#*=}
    done
    for n in 1001 1002 1003 1004; do commit $n; git branch b$n; done
    for mode in delete wal; do
        sqlite3 $mode.db "pragma journal_mode=$mode; create table t(n, b)"
    done >/dev/null
    for d in 1 2 3 4 5 6; do
        mkdir tree/$d
        for n in 1 2 3 4; do head -c $d${n}777 /lib/bin/git >tree/$d/$n; done
    done
    tar -cf in.tar tree && find tree -type f -exec sha1sum {} + >sums && rm -r tree
    mkdir a/d && full 1 a/d/1 && full 1000 a/conf
    cd / && umount /mnt
    ;;
workgit)
    for n in 1 2 3 4; do
        commit $n && echo kept $n
        [ $((n % 2)) != 0 ] || git gc -q --prune=now
    done
    ;;
checkgit)
    git fsck --full >/dev/null && [ "$(git rev-list --count --all)" -ge $((4 + $3)) ] &&
        echo whole
    ;;
worksqlite)
    for n in $(seq 6); do
        for mode in delete wal; do
            sqlite3 $mode.db "pragma synchronous=extra; begin; insert into t
                values($n, randomblob(20000)); update t set b=randomblob(9000)
                where n=$n-3; commit" && [ $mode = wal ] && echo kept $n
        done
    done
    ;;
checksqlite)
    for mode in delete wal; do
        sqlite3 $mode.db "pragma integrity_check;
            select ifnull(max(n), 0) = count(n) and count(n) >= $3 from t"
    done | tr -d '\n' | sed 's/^ok1ok1$/whole\n/'
    ;;
worktar)
    for n in 1 2; do
        tar -xf in.tar && sync && echo kept $n
        tar -cf - tree | dd of=new bs=64k conv=fsync 2>/dev/null
        mv new all.tar && rm -r tree
    done
    ;;
checktar)
    [ "$3" = 0 ] || sha1sum -cs sums || { rm -r tree; tar -xf all.tar && sha1sum -cs sums; } &&
        echo whole
    ;;
workmv)
    for n in $(seq 1001 1012); do
        full $n a/new && mv a/new a/conf && echo kept $n
        if [ $((n % 2)) = 1 ]; then mv a/d b/d; else mv b/d a/d; fi
        mv */d/1 one && mv one */d/1
    done
    ;;
checkmv)
    n=$(head -n 1 a/conf) && [ "$n" -ge $3 ] && is_full a/conf $n &&
        for one in one */d/1; do [ ! -e $one ] || is_full $one 1 && one=there; done &&
        [ $one = there ] && echo whole
    ;;
# An error for the test to find: nothing flushes the disk, and yet its writer says that one of two
# copies will be there.
worktwice)
    cd / && umount /mnt
    for at in 2048 3072; do
        yes 1 | head -n 5000 |
            dd of=/dev/vdc bs=4k seek=$at conv=notrunc iflag=fullblock 2>/dev/null
    done
    echo kept 1
    ;;
checktwice)
    cd / && umount /mnt
    for at in 2048 3072; do
        dd if=/dev/vdc bs=4k skip=$at count=3 2>/dev/null | head -c 10000 >/tmp/copy
        is_full /tmp/copy 1 && echo whole && break
    done
    ;;
esac
