/* SPDX-License-Identifier: MIT */
/* Listens on a socket, for this host only and one gdb at a time. The session
 * serves it between slices of the run loop. Nothing here waits for gdb, except
 * a few seconds for room in a full socket. */
#include "gdb/internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SEND_SECONDS 5
#define READ_BYTES   4096

/* ---- the client --------------------------------------------------------- */

static void disconnect(struct gdb *g)
{
    if (g->client < 0)
        return;
    close(g->client); /* epoll forgets it */
    g->client = -1;
    g->awaits = false;
    remote_clear_all(&g->remote);
    g->remote.attached = false;
}

static void send_bytes(struct gdb *g, const void *bytes, size_t n)
{
    const u8 *p = bytes;
    while (n && g->client >= 0) {
        ssize_t done = send(g->client, p, n, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) { /* gdb has gone, or does not read */
            disconnect(g);
            return;
        }
        p += done;
        n -= (size_t)done;
    }
}

void server_send(struct gdb *g)
{
    g->nframe = packet_frame(g->reply.data, g->reply.n, g->frame);
    send_bytes(g, g->frame, g->nframe);
}

void server_console(void *gdb, const char *text, UNUSED bool json)
{
    struct gdb *g = gdb;
    size_t left = strlen(text);
    while (left) {
        size_t n = left < PACKET_MAX / 2 - 1 ? left : PACKET_MAX / 2 - 1;
        g->reply.n = 0;
        reply_text(g, "O");
        reply_hex(g, text, n);
        server_send(g);
        text += n;
        left -= n;
    }
}

/* Begins to serve a client. Halts the machine: gdb asks for registers. */
static void welcome(struct gdb *g, int client)
{
    struct timeval wait = {.tv_sec = SEND_SECONDS};
    struct epoll_event e = {.events = EPOLLIN, .data.fd = client};
    int yes = 1;
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (epoll_ctl(g->epoll, EPOLL_CTL_ADD, client, &e)) {
        close(client);
        return;
    }
    g->client = client;
    memset(&g->in, 0, sizeof g->in);
    g->no_ack = g->awaits = g->leaves = g->physical = false;
    g->swbreak = g->hwbreak = false;
    g->thread = 0;
    g->nframe = 0;
    g->remote.attached = true;
    remote_halt(&g->remote);
}

static bool has_gone(const struct gdb *g)
{
    u8 byte;
    return recv(g->client, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void accept_client(struct gdb *g)
{
    int client = accept4(g->listener, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0)
        return;
    if (g->client >= 0 && has_gone(g))
        disconnect(g);
    if (g->client >= 0)
        close(client); /* one at a time */
    else
        welcome(g, client);
}

/* ---- packets from the client -------------------------------------------- */

static void interrupt(struct gdb *g)
{
    if (g->commanding)
        remote_interrupt(&g->remote);
    else
        remote_halt(&g->remote);
}

/* While a `monitor` command, bc or bs is executed, gdb can only interrupt. */
static void handle_event(struct gdb *g, enum packet_event e)
{
    bool acks = !g->no_ack;
    if (e == PACKET_INTERRUPT) {
        interrupt(g);
        return;
    }
    if (e == PACKET_NAK && acks && g->nframe)
        send_bytes(g, g->frame, g->nframe);
    if (e == PACKET_BROKEN && acks)
        send_bytes(g, "-", 1);
    if (e != PACKET_WHOLE || g->commanding)
        return;
    if (acks)
        send_bytes(g, "+", 1);
    if (stub_packet(g, g->in.data, g->in.n))
        server_send(g);
    if (g->leaves)
        disconnect(g);
}

static void read_client(struct gdb *g)
{
    u8 bytes[READ_BYTES];
    int client = g->client;
    ssize_t n = recv(client, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        if (g->commanding)
            remote_interrupt(&g->remote);
        disconnect(g);
        return;
    }
    for (ssize_t i = 0; i < n && g->client == client; i++)
        handle_event(g, packet_feed(&g->in, bytes[i]));
}

static void serve(void *opaque)
{
    struct gdb *g = opaque;
    struct epoll_event e[2];
    int n = epoll_wait(g->epoll, e, ARRAY_LEN(e), 0);
    if (!g->commanding)
        resume_report(g);
    for (int i = 0; i < n; i++)
        if (e[i].data.fd == g->client)
            read_client(g);
    for (int i = 0; i < n; i++) /* last: the client may just have gone */
        if (e[i].data.fd == g->listener)
            accept_client(g);
    if (!g->commanding)
        resume_report(g); /* a Ctrl-C just read may have stopped the run */
}

/* ---- the address -------------------------------------------------------- */

static int unix_socket(const char *where, const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    struct stat st;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!*path || strlen(path) >= sizeof a.sun_path)
        die("--gdb", "'%s': a path has 1 to %zu bytes", where,
            sizeof a.sun_path - 1);
    strcpy(a.sun_path, path);
    /* A socket file without a listener is left from an earlier run. */
    if (fd >= 0 && !lstat(path, &st) && S_ISSOCK(st.st_mode) &&
        connect(fd, (struct sockaddr *)&a, sizeof a) && errno == ECONNREFUSED)
        unlink(path);
    if (fd >= 0) {
        close(fd);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    }
    mode_t mask = umask(077);
    bool bound = fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof a);
    umask(mask);
    if (!bound)
        die("--gdb", "%s: %s", where, strerror(errno));
    return fd;
}

static int tcp_socket(const char *where)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char *end;
    unsigned long port = strtoul(where, &end, 10);
    int yes = 1;
    if (*where < '0' || *where > '9' || *end || port > 65535)
        die("--gdb", "'%s' is neither a port nor unix:PATH", where);
    a.sin_port = htons((u16)port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a))
        die("--gdb", "port %s: %s", where, strerror(errno));
    return fd;
}

/* Notes the argument for gdb's `target remote`. */
static void note_where(struct gdb *g)
{
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    if (!g->path && !getsockname(g->listener, (struct sockaddr *)&a, &n))
        snprintf(g->where, sizeof g->where, "localhost:%u", ntohs(a.sin_port));
}

struct gdb *gdb_listen(const char *where)
{
    struct gdb *g = xcalloc(1, sizeof *g);
    struct epoll_event e = {.events = EPOLLIN};
    const char *path = strncmp(where, "unix:", 5) ? NULL : where + 5;
    g->client = -1;
    g->listener = path ? unix_socket(where, path) : tcp_socket(where);
    g->path = path ? xstrdup(path) : NULL;
    if (listen(g->listener, 1))
        die("--gdb", "%s: %s", where, strerror(errno));
    e.data.fd = g->listener;
    g->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (g->epoll < 0 || epoll_ctl(g->epoll, EPOLL_CTL_ADD, g->listener, &e))
        die("--gdb", "%s", strerror(errno));
    return g;
}

const char *gdb_where(const struct gdb *g)
{
    return g->path ? g->path : g->where;
}

const char *gdb_attach(struct gdb *g, struct session *s, struct machine *m)
{
    g->m = m;
    note_where(g);
    remote_open(&g->remote, s, serve, g, g->epoll);
    return gdb_where(g);
}

void gdb_free(struct gdb *g, int status)
{
    if (!g)
        return;
    if (g->client >= 0 && g->awaits) {
        g->reply.n = 0;
        reply_text(g, "W%02x", status & 255);
        server_send(g);
    }
    if (g->client >= 0)
        close(g->client);
    close(g->listener);
    close(g->epoll);
    if (g->path)
        unlink(g->path);
    free_all(g->path, g->object, g);
}
