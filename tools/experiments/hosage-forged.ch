# options: --ram 8M --swap 32M --policy mach97 --timing fast
# The letter's last level: "If memory drops below 5 pages, then the pageout thread stops entirely to
# let the default pager catch up. We don't get here much." The hosage object does not get there at
# all (hosage.ch), so this script FORGES the kernel's count of free frames, and says so. (000-8)
title "Below 5 frames (forged: the script sets the count of free frames)" \
    "the letter (000-8)"
console off
expect "# " 60s
send "dd if=/dev/zero of=/root/big bs=64k count=200 2>/dev/null\n"
expect "dd if" 1s

# Sample the pages that the default pager has, each 200 us for 30 ms from the moment when fewer than
# 10 frames are free: in four dips with the true count, and in four more with the count forged to 4.
let most 0
let forged 0
let sent 0
repeat 8
  let from cycle
  run-until vm.free < 10 || cycle > let.from + 5s
  let forge let.sent >= 4
  let sent let.sent + 1
  let real u64[free_frames]
  if let.forge
    set u64[free_frames] = 4
    printf "FORGED: free_frames is 4 in place of %d\n", let.real
  end
  repeat 150
    run-for 200us
    if let.forge
      let forged vm.laundry_pages > let.forged ? vm.laundry_pages : let.forged
    else
      let most vm.laundry_pages > let.most ? vm.laundry_pages : let.most
    end
  end
  if let.forge
    set u64[free_frames] = u64[free_frames] + (let.real - 4)
  end
  run-until vm.free >= 10 || cycle > let.from + 5s
end
claim "pages that the default pager has at a time, with 5 to 9 frames free" \
    "several" let.most > 1 "%d", let.most
claim "with 4 free (forged)" \
    "it \"stops entirely to let the default pager catch up\": one" \
    let.forged == 1 "%d", let.forged
audit
