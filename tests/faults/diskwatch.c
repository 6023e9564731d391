/* Watches what a program asks of the disk in one folder: each call is noted, in order, with its bytes.
 *
 * Loaded before the C library (LD_PRELOAD); the calls themselves go on untouched. WESTLAKE_WATCHED is the
 * folder, WESTLAKE_WATCH_LOG the file of notes. A note is one line of words, then as many bytes as it says:
 *     W inode offset length\n<bytes>      T inode length\n      S inode\n (synced)      C inode path\n (made)
 *     D path\n (folder made)   R from\tto\n   U path\n   X path\n (folder removed)   F path\n (folder synced)
 * Writes through mmap are not seen; SQLite has only its -shm file there, which no crash keeps.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST 65536
#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, #name)

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static char watched[MOST];          /* by descriptor: 1 a file, 2 a folder */
static char *folders[MOST];
static int notes = -1;

static const char *root(void) { return getenv("WESTLAKE_WATCHED"); }

static void put(const void *bytes, size_t length) {
    REAL(ssize_t, write, int, const void *, size_t);
    while (length) {
        ssize_t done = real(notes, bytes, length);
        if (done <= 0) abort();
        bytes = (const char *)bytes + done, length -= done;
    }
}

static void note(const char *form, ...) {
    REAL(int, open, const char *, int, ...);
    if (notes < 0) notes = real(getenv("WESTLAKE_WATCH_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    char line[2 * PATH_MAX + 64];
    va_list rest;
    va_start(rest, form);
    int length = vsnprintf(line, sizeof line, form, rest);
    va_end(rest);
    put(line, length);
}

/* The path below the watched folder, or NULL. */
static const char *inside(int at, const char *path, char *room) {
    if (!root() || !path) return NULL;
    if (path[0] == '/') snprintf(room, PATH_MAX, "%s", path);
    else if (at != AT_FDCWD && at >= 0 && at < MOST && folders[at]) snprintf(room, PATH_MAX, "%s/%s", folders[at], path);
    else {
        char here[PATH_MAX];
        if (at != AT_FDCWD || !getcwd(here, sizeof here)) return NULL;
        snprintf(room, PATH_MAX, "%s/%s", here, path);
    }
    size_t length = strlen(root());
    if (strncmp(room, root(), length) || (room[length] && room[length] != '/')) return NULL;
    return room + length;
}

static unsigned long inode(int fd) { struct stat one; return fstat(fd, &one) ? 0 : one.st_ino; }

/* A descriptor's number is given again, to a folder outside too. */
static void forget(int fd) {
    pthread_mutex_lock(&turn);
    watched[fd] = 0;
    free(folders[fd]);
    folders[fd] = NULL;
    pthread_mutex_unlock(&turn);
}

static int opened(int (*really)(int, const char *, int, mode_t), int at, const char *path, int flags, mode_t mode) {
    char room[PATH_MAX];
    const char *name = inside(at, path, room);
    if (!name) {
        int fd = really(at, path, flags, mode);
        if (fd >= 0 && fd < MOST) forget(fd);
        return fd;
    }
    pthread_mutex_lock(&turn);
    struct stat before, now;
    int there = !stat(room, &before);
    int fd = really(at, path, flags, mode);
    if (fd >= 0 && fd < MOST && !fstat(fd, &now)) {
        watched[fd] = S_ISDIR(now.st_mode) ? 2 : S_ISREG(now.st_mode) ? 1 : 0;
        free(folders[fd]);
        folders[fd] = S_ISDIR(now.st_mode) ? strdup(room) : NULL;
        if (watched[fd] == 1 && !there) note("C %lu %s\n", now.st_ino, name);
        else if (watched[fd] == 1 && (flags & O_TRUNC)) note("T %lu 0\n", now.st_ino);
    }
    pthread_mutex_unlock(&turn);
    return fd;
}

static int really_open(int at, const char *path, int flags, mode_t mode) {
    REAL(int, openat, int, const char *, int, ...);
    return real(at, path, flags, mode);
}

#define MODE mode_t mode = 0; if (flags & (O_CREAT | __O_TMPFILE)) { va_list v; va_start(v, flags); mode = va_arg(v, int); va_end(v); }
int open(const char *path, int flags, ...) { MODE return opened(really_open, AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return opened(really_open, AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int at, const char *path, int flags, ...) { MODE return opened(really_open, at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE return opened(really_open, at, path, flags | O_LARGEFILE, mode); }
int creat(const char *path, mode_t mode) { return opened(really_open, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

#define SEEN(fd) (root() && fd >= 0 && fd < MOST && watched[fd] == 1 && fd != notes)

static void wrote(int fd, const void *bytes, ssize_t done, off_t at) {
    if (done <= 0) return;
    note("W %lu %ld %zd\n", inode(fd), (long)at, done);
    put(bytes, done);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(ssize_t, write, int, const void *, size_t);
    if (!SEEN(fd)) return real(fd, bytes, length);
    pthread_mutex_lock(&turn);
    ssize_t done = real(fd, bytes, length);
    wrote(fd, bytes, done, lseek(fd, 0, SEEK_CUR) - done);
    pthread_mutex_unlock(&turn);
    return done;
}

static ssize_t pwrote(int fd, const void *bytes, size_t length, off_t at) {
    REAL(ssize_t, pwrite64, int, const void *, size_t, off_t);
    if (!SEEN(fd)) return real(fd, bytes, length, at);
    pthread_mutex_lock(&turn);
    ssize_t done = real(fd, bytes, length, at);
    wrote(fd, bytes, done, at);
    pthread_mutex_unlock(&turn);
    return done;
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return pwrote(fd, bytes, length, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) { return pwrote(fd, bytes, length, at); }

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(ssize_t, writev, int, const struct iovec *, int);
    if (!SEEN(fd)) return real(fd, parts, count);
    ssize_t all = 0;
    for (int one = 0; one < count; one++) all += write(fd, parts[one].iov_base, parts[one].iov_len);
    return all;
}

/* A copy inside the kernel would pass unseen: these answer that they are not there, and callers fall back. */
#include <errno.h>
ssize_t sendfile(int out, int in, off_t *at, size_t length) { errno = ENOSYS; return -1; }
ssize_t sendfile64(int out, int in, off_t *at, size_t length) { errno = ENOSYS; return -1; }
ssize_t copy_file_range(int in, off_t *from, int out, off_t *to, size_t length, unsigned flags) { errno = ENOSYS; return -1; }

static int cut(int fd, off_t length) {
    REAL(int, ftruncate64, int, off_t);
    if (!SEEN(fd)) return real(fd, length);
    pthread_mutex_lock(&turn);
    int done = real(fd, length);
    if (!done) note("T %lu %ld\n", inode(fd), (long)length);
    pthread_mutex_unlock(&turn);
    return done;
}
int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off_t length) { return cut(fd, length); }

static void synced(int fd) {
    if (fd < 0 || fd >= MOST || !root()) return;
    if (watched[fd] == 1) note("S %lu\n", inode(fd));
    if (watched[fd] == 2) note("F %s\n", folders[fd] + strlen(root()));
}
#define SYNC(name) int name(int fd) { REAL(int, name, int); pthread_mutex_lock(&turn); int done = real(fd); \
    if (!done) synced(fd); pthread_mutex_unlock(&turn); return done; }
SYNC(fsync)
SYNC(fdatasync)

#define NAMED(call, at, path, form) \
    char room[PATH_MAX]; \
    const char *name = inside(at, path, room); \
    pthread_mutex_lock(&turn); \
    int done = call; \
    if (!done && name) note(form, name); \
    pthread_mutex_unlock(&turn); \
    return done;
int mkdir(const char *path, mode_t mode) { REAL(int, mkdir, const char *, mode_t); NAMED(real(path, mode), AT_FDCWD, path, "D %s\n") }
int rmdir(const char *path) { REAL(int, rmdir, const char *); NAMED(real(path), AT_FDCWD, path, "X %s\n") }
int unlink(const char *path) { REAL(int, unlink, const char *); NAMED(real(path), AT_FDCWD, path, "U %s\n") }
int remove(const char *path) { REAL(int, remove, const char *); NAMED(real(path), AT_FDCWD, path, "U %s\n") }
int unlinkat(int at, const char *path, int flags) {
    REAL(int, unlinkat, int, const char *, int);
    NAMED(real(at, path, flags), at, path, flags & AT_REMOVEDIR ? "X %s\n" : "U %s\n")
}
int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    char one[PATH_MAX], two[PATH_MAX];
    const char *before = inside(AT_FDCWD, from, one), *after = inside(AT_FDCWD, to, two);
    pthread_mutex_lock(&turn);
    int done = real(from, to);
    if (!done && before && after) note("R %s\t%s\n", before, after);
    pthread_mutex_unlock(&turn);
    return done;
}
int close(int fd) {
    REAL(int, close, int);
    if (fd >= 0 && fd < MOST) forget(fd);
    return real(fd);
}
