/*
 * What would a disk still hold after a power cut? Only what was synced; the kernel's page cache is gone.
 *
 * Loaded into PostgreSQL (LD_PRELOAD), this keeps, for every file below POWER_CUT_DATA, what each write replaced, until
 * the file is synced. After a kill, tests/faults/test_power_cut.py puts all of that back, the newest first: the files
 * are then what a disk holds that wrote nothing it was not told to. Names of files (directories) are not modelled.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct record {
    uint64_t offset, old_length, old_size;
};

static const char *data, *journals;

__attribute__((constructor)) static void begin(void)
{
    /* Copies: PostgreSQL writes its process titles over where the environment lies. */
    const char *where = getenv("POWER_CUT_DATA"), *kept = getenv("POWER_CUT_JOURNALS");
    data = where ? strdup(where) : NULL;
    journals = kept ? strdup(kept) : NULL;
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = dlsym(RTLD_NEXT, #name)

static int journal_of(const struct stat *status)
{
    char place[PATH_MAX];
    snprintf(place, sizeof place, "%s/%lu", journals, (unsigned long)status->st_ino);
    int held = open(place, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (held >= 0) flock(held, LOCK_EX);
    return held;
}

/* The journal of an open file, locked; -1 where the file is none of ours, or every write to it is synced at once. */
static int journal(int file, struct stat *status)
{
    if (!data || !journals || fstat(file, status) != 0 || !S_ISREG(status->st_mode)) return -1;
    char link[64], place[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, place, sizeof place - 1);
    if (length <= 0) return -1;
    place[length] = 0;
    if (strncmp(place, data, strlen(data)) != 0 || strstr(place, "/log/") || strstr(place, "postmaster")) return -1;
    if (fcntl(file, F_GETFL) & O_DSYNC) return -1;
    return journal_of(status);
}

static void remember(int held, int file, const struct stat *status, uint64_t offset, uint64_t length)
{
    uint64_t size = (uint64_t)status->st_size, left = offset < size ? size - offset : 0;
    struct record one = {offset, left < length ? left : length, size};
    char *piece = malloc(sizeof one + one.old_length);
    memcpy(piece, &one, sizeof one);
    int again = -1;
    if (one.old_length) {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", file); /* it may be open for writing only */
        again = open(link, O_RDONLY | O_CLOEXEC);
        if (again < 0 || pread(again, piece + sizeof one, one.old_length, (off_t)offset) != (ssize_t)one.old_length) abort();
        close(again);
    }
    ssize_t (*put)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    if (put(held, piece, sizeof one + one.old_length) < 0) abort();
    free(piece);
}

static uint64_t length_of(const struct iovec *parts, int count)
{
    uint64_t length = 0;
    for (int at = 0; at < count; at++) length += parts[at].iov_len;
    return length;
}

static uint64_t place_of(int file, const struct stat *status)
{
    return fcntl(file, F_GETFL) & O_APPEND ? (uint64_t)status->st_size : (uint64_t)lseek(file, 0, SEEK_CUR);
}

ssize_t write(int file, const void *content, size_t length)
{
    REAL(ssize_t, write, int, const void *, size_t);
    struct stat status;
    int held = journal(file, &status);
    if (held >= 0) remember(held, file, &status, place_of(file, &status), length);
    ssize_t done = real(file, content, length);
    if (held >= 0) close(held);
    return done;
}

ssize_t writev(int file, const struct iovec *parts, int count)
{
    REAL(ssize_t, writev, int, const struct iovec *, int);
    struct stat status;
    int held = journal(file, &status);
    if (held >= 0) remember(held, file, &status, place_of(file, &status), length_of(parts, count));
    ssize_t done = real(file, parts, count);
    if (held >= 0) close(held);
    return done;
}

#define PLACED(name) \
    ssize_t name(int file, const void *content, size_t length, off_t offset) \
    { \
        REAL(ssize_t, name, int, const void *, size_t, off_t); \
        struct stat status; \
        int held = journal(file, &status); \
        if (held >= 0) remember(held, file, &status, (uint64_t)offset, length); \
        ssize_t done = real(file, content, length, offset); \
        if (held >= 0) close(held); \
        return done; \
    }
PLACED(pwrite)
PLACED(pwrite64)

#define GATHERED(name) \
    ssize_t name(int file, const struct iovec *parts, int count, off_t offset) \
    { \
        REAL(ssize_t, name, int, const struct iovec *, int, off_t); \
        struct stat status; \
        int held = journal(file, &status); \
        if (held >= 0) remember(held, file, &status, (uint64_t)offset, length_of(parts, count)); \
        ssize_t done = real(file, parts, count, offset); \
        if (held >= 0) close(held); \
        return done; \
    }
GATHERED(pwritev)
GATHERED(pwritev64)

#define CUT(name) \
    int name(int file, off_t length) \
    { \
        REAL(int, name, int, off_t); \
        struct stat status; \
        int held = journal(file, &status); \
        if (held >= 0) { \
            uint64_t size = (uint64_t)status.st_size; \
            remember(held, file, &status, (uint64_t)length < size ? (uint64_t)length : size, size); \
        } \
        int done = real(file, length); \
        if (held >= 0) close(held); \
        return done; \
    }
CUT(ftruncate)
CUT(ftruncate64)

#define SYNCED(name) \
    int name(int file) \
    { \
        REAL(int, name, int); \
        struct stat status; \
        int held = journal(file, &status); \
        int done = real(file); \
        if (held >= 0) { \
            int (*empty)(int, off_t) = dlsym(RTLD_NEXT, "ftruncate"); \
            if (done == 0) empty(held, 0); \
            close(held); \
        } \
        return done; \
    }
SYNCED(fsync)
SYNCED(fdatasync)

/* A file that goes takes its journal along: another file will get its number. */
static void forget(const char *path)
{
    struct stat status;
    if (!data || !journals || stat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink != 1) return;
    char place[PATH_MAX];
    snprintf(place, sizeof place, "%s/%lu", journals, (unsigned long)status.st_ino);
    int (*empty)(const char *, off_t) = dlsym(RTLD_NEXT, "truncate");
    empty(place, 0);
}

int unlink(const char *path)
{
    REAL(int, unlink, const char *);
    forget(path);
    return real(path);
}

int rename(const char *from, const char *to)
{
    REAL(int, rename, const char *, const char *);
    forget(to);
    return real(from, to);
}
