/* SPDX-License-Identifier: MIT */
/* Lists the functions of the guest's kernel that may sleep by their contracts.
 * Each gets a wrapper (the linker's --wrap) that first lets other tasks run
 * (sleeping.c). The list leaves out functions whose success means that they
 * have not slept (swap_in, object_swap_in), and functions that always sleep. */
        .macro  sleeps names:vararg
        .irp    name, \names
        .globl  __wrap_\name
__wrap_\name:
        la      t0, __real_\name
        j       sleep_first
        .endr
        .endm

        sleeps  balance_dirty, blk_flush, blk_read, blk_write, buf_read
        sleeps  buf_revoke, buf_sync, clear_user, cond_resched, copyin
        sleeps  copyin_str, copyout, dcache_shrink, dentry_lookup, dentry_put
        sleeps  ext2_block, ext2_block_make, ext2_blocks_unmake, ext2_buf
        sleeps  ext2_free_from, ext2_inode_get, ext2_touch, ext2_write_inode, file_put
        sleeps  inode_find_or_new, inode_flush, inode_put, memory_try
        sleeps  memory_wait, object_get_page, object_sync, object_truncate
        sleeps  object_wait_written, object_write_back, pager_bring_back
        sleeps  pages_zero_tail, path_lookup, readahead_fault, readahead_file
        sleeps  space_copyin, space_fork, space_map, memory_wait_block
        sleeps  space_populate, space_protect, space_remap, space_unmap
        sleeps  space_view_next, swap_wait_page, uio_get, uio_put, uio_zero
        sleeps  unmap_object, user_window, vfs_truncate, vm_fault
        sleeps  write_behind, pager_forget, rss_make_room, space_lock, swap_off
        sleeps  policy_take, policy_launder, policy_cond_resched, policy_wait_room
        sleeps  policy_write_older, policy_write_metadata

/* Calls sleep_here with the arguments saved, then the function at t0. */
sleep_first:
        addi    sp, sp, -80
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
        sd      a\n, 8 * \n(sp)
        .endr
        sd      ra, 64(sp)
        sd      t0, 72(sp)
        call    sleep_here
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
        ld      a\n, 8 * \n(sp)
        .endr
        ld      ra, 64(sp)
        ld      t0, 72(sp)
        addi    sp, sp, 80
        jr      t0
