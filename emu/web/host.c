/* SPDX-License-Identifier: MIT */
/* Defines functions that emscripten's C library lacks, and those of gdb, which
 * a page does not have. All but memfd_create do nothing, or fail as on a host
 * that lacks the feature. */
#include "gdb/gdb.h"
#include "monitor/language/output.h"

#include <emscripten.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Makes a file with a name, because only such files can be opened again by
 * their descriptors' entries in /proc/self/fd. A second file of one name
 * replaces the first. In node.js /dev/shm is no folder of the host. */
int memfd_create(const char *name, unsigned flags)
{
    static bool ready;
    char path[64];
    if (!ready) /* emscripten's entries of /proc/self/fd lack a link's mode */
        EM_ASM({
            var ops = FS.lookupPath("/proc/self/fd").node.node_ops;
            var find = ops.lookup;
            ops.lookup = function(parent, name)
            {
                return Object.assign(find(parent, name), ({mode : 0xa1ff}));
            };
        });
    ready = true;
    snprintf(path, sizeof path, "/dev/shm/%.40s", name);
    return open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
}

int fallocate(int fd, int mode, off_t at, off_t n)
{
    errno = ENOTSUP;
    return -1;
}

struct gdb *gdb_listen(const char *where)
{
    return NULL;
}

const char *gdb_attach(struct gdb *g, struct session *s, struct machine *m)
{
    return "";
}

void gdb_free(struct gdb *g, int status)
{
}

static enum command_status no_gdb(void *verb, struct answer *a)
{
    return fail(a, CMD_BAD, "gdb: not in a page, which has no sockets");
}

void gdb_offer(struct gdb_verb *v, struct session *s)
{
    session_gdb_verb(s, no_gdb, v);
}
