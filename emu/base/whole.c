/* SPDX-License-Identifier: MIT */
#include "base/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 100 /* names beside that an earlier process may have left */

/* Creates a file beside w->path; its descriptor, or -1 and errno. */
static int create_beside(struct whole *w)
{
    size_t room = strlen(w->path) + 40;
    int fd = -1;
    w->beside = xcalloc(room, 1);
    for (unsigned i = 0; i < TRIES && fd < 0; i++) {
        snprintf(w->beside, room, "%s.new-%ld-%u", w->path, (long)getpid(), i);
        fd = open(w->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    return fd;
}

static void forget(struct whole *w)
{
    int error = errno;
    free(w->path);
    free(w->beside);
    memset(w, 0, sizeof(*w));
    errno = error;
}

bool whole_open(struct whole *w, const char *path)
{
    struct stat st;
    bool exists = !stat(path, &st);
    bool direct = exists && (!S_ISREG(st.st_mode) || !st.st_nlink);
    int fd;
    memset(w, 0, sizeof(*w));
    /* Where a symbolic link leads is replaced, not the link. */
    w->path = exists && !direct ? realpath(path, NULL) : xstrdup(path);
    if (!w->path)
        return false;
    if (direct) {
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    } else {
        fd = create_beside(w);
        if (fd >= 0 && exists && fchmod(fd, st.st_mode & 0777))
            errno = 0; /* its mode is no reason to lose it */
    }
    w->f = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!w->f)
        forget(w);
    return w->f;
}

/* A write that failed earlier has left no errno: one more byte fails for the
 * same reason. */
bool stream_written(FILE *f)
{
    if (!ferror(f))
        return !fflush(f);
    errno = 0;
    if (write(fileno(f), "", 1) == 1 || !errno)
        errno = EIO;
    return false;
}

void whole_drop(struct whole *w)
{
    fclose(w->f);
    if (w->beside)
        unlink(w->beside);
    forget(w);
}

bool whole_close(struct whole *w)
{
    bool ok = stream_written(w->f);
    if (ok && w->beside && fsync(fileno(w->f)))
        ok = errno == EINVAL || errno == EROFS; /* it cannot be asked */
    int error = errno;
    if (fclose(w->f) && ok) {
        ok = false;
        error = errno;
    }
    if (ok && w->beside && rename(w->beside, w->path)) {
        ok = false;
        error = errno;
    }
    if (!ok && w->beside)
        unlink(w->beside);
    errno = error ? error : EIO;
    forget(w);
    return ok;
}
