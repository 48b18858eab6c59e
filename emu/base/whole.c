/* SPDX-License-Identifier: MIT */
/* Replaces a file by a new one written beside it, so that it is complete at
 * every moment. Some files cannot be replaced: a file that is not regular, has
 * several hard links or belongs to another user, or in whose folder a new file
 * (with its longer name) cannot be created. Such a file is written in place, as
 * by a shell's >; if that fails, it is left empty. A symbolic link is kept, and
 * its target is written, whether or not the target exists. */
#include "base/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES     100 /* names; earlier processes may have left files */
#define LINKS_MAX 40  /* Linux's MAXSYMLINKS */

/* ---- names -------------------------------------------------------------- */

char *whole_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;
    char *folder = xcalloc(n + 2, 1);
    memcpy(folder, n ? path : ".", n ? n : 1);
    return folder;
}

/* Returns the path to which `link`, whose content is `to`, leads. */
static char *link_target(const char *link, const char *to)
{
    const char *slash = strrchr(link, '/');
    size_t folder = *to != '/' && slash ? (size_t)(slash - link) + 1 : 0;
    char *target = xcalloc(folder + strlen(to) + 1, 1);
    memcpy(target, link, folder);
    memcpy(target + folder, to, strlen(to));
    return target;
}

char *whole_target(const char *path)
{
    char to[PATH_MAX], *at = xstrdup(path);
    for (unsigned links = 0; links < LINKS_MAX; links++) {
        ssize_t n = readlink(at, to, sizeof to - 1);
        if (n < 0) /* no link */
            return at;
        to[n] = 0;
        char *next = link_target(at, to);
        free(at);
        at = next;
    }
    free(at);
    errno = ELOOP;
    return NULL;
}

bool whole_writable(const char *path)
{
    struct stat st;
    char *target = whole_target(path);
    bool exists = !stat(path, &st);
    bool ok = false;
    if (!target || (!exists && errno == ENAMETOOLONG)) {
        free(target);
        return false;
    }
    if (exists && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
    } else if (exists) {
        ok = !access(path, W_OK);
    } else {
        char *folder = whole_folder(target);
        ok = !access(folder, W_OK | X_OK);
        free(folder);
    }
    free(target);
    return ok;
}

/* ---- opening ------------------------------------------------------------ */

/* Creates a file beside w->path. Returns its descriptor, or -1 and errno. */
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
    if (fd < 0) {
        free(w->beside);
        w->beside = NULL;
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

static bool replaceable(const struct stat *st)
{
    return S_ISREG(st->st_mode) && st->st_nlink == 1 && st->st_uid == geteuid();
}

/* Returns a descriptor for w->path, or -1 and errno. */
static int create(struct whole *w)
{
    struct stat st;
    bool exists = !stat(w->path, &st);
    if (exists && access(w->path, W_OK))
        return -1;
    if (!exists || replaceable(&st)) {
        int fd = create_beside(w);
        if (fd >= 0 && exists && fchmod(fd, st.st_mode & 0777))
            errno = 0; /* a wrong mode is no reason to lose the file */
        bool in_place = errno == EACCES || errno == EPERM || errno == EROFS ||
                        errno == ENAMETOOLONG;
        if (fd >= 0 || !in_place)
            return fd;
    }
    return open(w->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

/* Removes the bytes written, keeping errno. */
static void undo(const struct whole *w)
{
    int error = errno;
    if (w->beside ? unlink(w->beside) : truncate(w->path, 0))
        errno = 0; /* bytes in a pipe or on a terminal stay */
    errno = error;
}

bool whole_open(struct whole *w, const char *path)
{
    struct stat st;
    memset(w, 0, sizeof(*w));
    /* if standard output is a pipe, /dev/stdout leads to no name */
    bool named = stat(path, &st) || (S_ISREG(st.st_mode) && st.st_nlink);
    w->path = named ? whole_target(path) : xstrdup(path);
    if (!w->path)
        return false;
    int fd = create(w);
    w->f = fd < 0 ? NULL : fdopen(fd, "wb");
    if (w->f)
        return true;
    if (fd >= 0) {
        undo(w);
        close(fd);
    }
    forget(w);
    return false;
}

/* ---- closing ------------------------------------------------------------ */

/* The stream does not keep a failed write's errno. To get it, one more byte is
 * written, which fails for the same reason. */
bool stream_written(FILE *f)
{
    if (!ferror(f))
        return !fflush(f);
    errno = 0;
    if (write(fileno(f), "", 1) == 1 || !errno)
        errno = EIO;
    return false;
}

int stdout_written(int status)
{
    if (!stream_written(stdout))
        die("standard output", "%s", strerror(errno));
    return status;
}

void whole_drop(struct whole *w)
{
    fclose(w->f);
    undo(w);
    forget(w);
}

bool whole_close(struct whole *w)
{
    bool ok = stream_written(w->f);
    if (ok && w->beside && fsync(fileno(w->f)))
        ok = errno == EINVAL || errno == EROFS; /* it cannot be synced */
    int error = errno;
    if (fclose(w->f) && ok) {
        ok = false;
        error = errno;
    }
    if (ok && w->beside && rename(w->beside, w->path)) {
        ok = false;
        error = errno;
    }
    errno = error ? error : EIO;
    if (!ok)
        undo(w);
    forget(w);
    return ok;
}
