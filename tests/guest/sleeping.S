/* SPDX-License-Identifier: MIT */
/* The functions of the guest's kernel that may sleep, by their contracts, each
 * with a wrapper (the linker's --wrap) that lets other tasks run first:
 * sleeping.c. Not in the list: functions whose success means that they have not
 * slept (swap_in), and those that always sleep. */
        .macro  SLEEPS name
        .section .text.sleeping, "ax"
        .globl  __wrap_\name
__wrap_\name:
        addi    sp, sp, -80
        sd      ra, 0(sp)
        sd      a0, 8(sp)
        sd      a1, 16(sp)
        sd      a2, 24(sp)
        sd      a3, 32(sp)
        sd      a4, 40(sp)
        sd      a5, 48(sp)
        sd      a6, 56(sp)
        sd      a7, 64(sp)
        call    sleep_here
        ld      ra, 0(sp)
        ld      a0, 8(sp)
        ld      a1, 16(sp)
        ld      a2, 24(sp)
        ld      a3, 32(sp)
        ld      a4, 40(sp)
        ld      a5, 48(sp)
        ld      a6, 56(sp)
        ld      a7, 64(sp)
        addi    sp, sp, 80
        tail    __real_\name
        .endm

        SLEEPS balance_dirty
        SLEEPS blk_flush
        SLEEPS blk_read
        SLEEPS blk_write
        SLEEPS buf_read
        SLEEPS buf_revoke
        SLEEPS buf_sync
        SLEEPS clear_user
        SLEEPS cond_resched
        SLEEPS copyin
        SLEEPS copyin_str
        SLEEPS copyout
        SLEEPS dcache_shrink
        SLEEPS dentry_lookup
        SLEEPS dentry_put
        SLEEPS ext2_block
        SLEEPS ext2_block_make
        SLEEPS ext2_buf
        SLEEPS ext2_free_from
        SLEEPS ext2_inode_get
        SLEEPS ext2_touch
        SLEEPS ext2_write_inode
        SLEEPS file_put
        SLEEPS inode_find_or_new
        SLEEPS inode_flush
        SLEEPS inode_put
        SLEEPS memory_try
        SLEEPS memory_wait
        SLEEPS object_get_page
        SLEEPS object_sync
        SLEEPS object_truncate
        SLEEPS object_wait_written
        SLEEPS object_write_back
        SLEEPS pager_bring_back
        SLEEPS pages_zero_tail
        SLEEPS path_lookup
        SLEEPS readahead_fault
        SLEEPS readahead_file
        SLEEPS shmem_read
        SLEEPS space_copyin
        SLEEPS space_fork
        SLEEPS space_map
        SLEEPS space_populate
        SLEEPS space_protect
        SLEEPS space_remap
        SLEEPS space_unmap
        SLEEPS space_view_next
        SLEEPS swap_wait_page
        SLEEPS uio_get
        SLEEPS uio_put
        SLEEPS uio_zero
        SLEEPS unmap_object
        SLEEPS user_window
        SLEEPS vfs_truncate
        SLEEPS vm_fault
        SLEEPS write_behind
