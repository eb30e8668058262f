// Lets a program die, or its disk fail, at one exact call.
//
// Loaded into the program under test with LD_PRELOAD. Counts the calls that change files of one folder (write, sync,
// truncate, remove) and acts at the call of a given number:
//
//   SUDDEN_DEATH_FOLDER  the folder, without symbolic links; other files are left alone
//   SUDDEN_DEATH_AT      the number of the call, from 1; 0 or nothing: never
//   SUDDEN_DEATH_HOW     before   the process dies instead of the call
//                        torn     half of what is written reaches the file, then the process dies
//                        after    the call is made, then the process dies
//                        error    the call fails with EIO, later ones do not
//                        errors   this call and all later ones fail with EIO
//                        full     this call and all later ones that write fail with ENOSPC
//                        readonly nothing in the folder can be opened for writing (whatever the number)
//   SUDDEN_DEATH_COUNT   a file that gets the number of calls when the program ends by itself
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sudden_death.h"

enum manner { NEVER, BEFORE, TORN, AFTER, ERROR, ERRORS, FULL, READONLY };

static const char *folder;
static size_t folder_length;
static const char *count_file;
static long moment;
static enum manner manner;
static atomic_long calls;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off64_t);
static int (*real_unlink)(const char *);
static int (*real_open)(const char *, int, ...);

__attribute__((constructor)) static void begin(void) {
    static const char *names[] = {"", "before", "torn", "after", "error", "errors", "full", "readonly"};
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_open = dlsym(RTLD_NEXT, "open64");
    const char *how = getenv("SUDDEN_DEATH_HOW");
    for (int index = 1; how && index <= READONLY; index++) {
        if (strcmp(how, names[index]) == 0) manner = index;
    }
    const char *at = getenv("SUDDEN_DEATH_AT");
    moment = at ? atol(at) : 0;
    count_file = getenv("SUDDEN_DEATH_COUNT");
    folder_length = getenv("SUDDEN_DEATH_FOLDER") ? strlen(getenv("SUDDEN_DEATH_FOLDER")) : 0;
    folder = folder_length ? getenv("SUDDEN_DEATH_FOLDER") : NULL;
}

__attribute__((destructor)) static void end(void) {
    if (!count_file || !folder) return;
    char text[32];
    int length = snprintf(text, sizeof text, "%ld", (long)calls);
    int descriptor = real_open(count_file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (descriptor < 0) return;
    if (real_write(descriptor, text, (size_t)length) < 0) _exit(99);
    close(descriptor);
}

static int is_inside(const char *path) {
    return folder && strncmp(path, folder, folder_length) == 0 && path[folder_length] == '/';
}

static int is_watched(int descriptor) {
    if (!folder) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return is_inside(path);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

// What becomes of this call: 0 it is made, else the number of the error it fails with.
static int step(int watched, int writes, int *dies) {
    *dies = 0;
    if (!watched) return 0;
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (moment <= 0 || number < moment) return 0;
    int isNow = number == moment;
    switch (manner) {
    case BEFORE:
        if (isNow) die();
        return 0;
    case TORN:
    case AFTER: *dies = isNow; return 0;
    case ERROR: return isNow ? EIO : 0;
    case ERRORS: return EIO;
    case FULL: return writes ? ENOSPC : 0;
    default: return 0;
    }
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    int dies, failure = step(is_watched(descriptor), 1, &dies);
    if (failure) {
        errno = failure;
        return -1;
    }
    ssize_t result = real_write(descriptor, bytes, dies && manner == TORN ? count / 2 : count);
    if (dies) die();
    return result;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    int dies, failure = step(is_watched(descriptor), 1, &dies);
    if (failure) {
        errno = failure;
        return -1;
    }
    ssize_t result = real_pwrite(descriptor, bytes, dies && manner == TORN ? count / 2 : count, offset);
    if (dies) die();
    return result;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return pwrite64(descriptor, bytes, count, offset);
}

static int changed(int watched, int (*call)(int), int descriptor) {
    int dies, failure = step(watched, 0, &dies);
    if (failure) {
        errno = failure;
        return -1;
    }
    int result = call(descriptor);
    if (dies) die();
    return result;
}

int fsync(int descriptor) { return changed(is_watched(descriptor), real_fsync, descriptor); }

int fdatasync(int descriptor) { return changed(is_watched(descriptor), real_fdatasync, descriptor); }

int ftruncate64(int descriptor, off64_t length) {
    int dies, failure = step(is_watched(descriptor), 1, &dies);
    if (failure) {
        errno = failure;
        return -1;
    }
    int result = real_ftruncate(descriptor, length);
    if (dies) die();
    return result;
}

int ftruncate(int descriptor, off_t length) { return ftruncate64(descriptor, length); }

int unlink(const char *path) {
    int dies, failure = step(is_inside(path), 0, &dies);
    if (failure) {
        errno = failure;
        return -1;
    }
    int result = real_unlink(path);
    if (dies) die();
    return result;
}

static int opened(const char *path, int flags, mode_t mode) {
    if (manner == READONLY && (flags & O_ACCMODE) != O_RDONLY && is_inside(path)) {
        errno = EROFS;
        return -1;
    }
    return real_open(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(path, flags, mode);
}
