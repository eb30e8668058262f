#include "faulty_disk.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>

struct faulty_file {
    sqlite3_file base;
    int is_watched;
    // The system's own file follows in the same block.
};

static struct {
    char folder[4096];
    int kinds, result, lasting, torn;
    long first;
    atomic_long calls, failures;
    atomic_int armed;
} plan;

static sqlite3_vfs vfs;
static sqlite3_vfs *original;

static sqlite3_file *real(sqlite3_file *file) { return (sqlite3_file *)((struct faulty_file *)file + 1); }

static int is_inside(const char *path) {
    size_t length = strlen(plan.folder);
    return path && length && strncmp(path, plan.folder, length) == 0;
}

// SQLITE_OK, or the code with which this call fails.
static int turn(int watched, int kind) {
    if (!watched || !atomic_load(&plan.armed) || !(plan.kinds & kind)) return SQLITE_OK;
    long number = atomic_fetch_add(&plan.calls, 1) + 1;
    if (number != plan.first && !(plan.lasting && number > plan.first)) return SQLITE_OK;
    atomic_fetch_add(&plan.failures, 1);
    return plan.result;
}

static int on_close(sqlite3_file *file) { return real(file)->pMethods->xClose(real(file)); }

static int on_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    int failure = turn(((struct faulty_file *)file)->is_watched, FAULTY_DISK_READ);
    return failure ? failure : real(file)->pMethods->xRead(real(file), bytes, count, offset);
}

static int on_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    int failure = turn(((struct faulty_file *)file)->is_watched, FAULTY_DISK_WRITE);
    if (failure && plan.torn) real(file)->pMethods->xWrite(real(file), bytes, count / 2, offset);
    return failure ? failure : real(file)->pMethods->xWrite(real(file), bytes, count, offset);
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size) {
    int failure = turn(((struct faulty_file *)file)->is_watched, FAULTY_DISK_TRUNCATE);
    return failure ? failure : real(file)->pMethods->xTruncate(real(file), size);
}

static int on_sync(sqlite3_file *file, int flags) {
    int failure = turn(((struct faulty_file *)file)->is_watched, FAULTY_DISK_SYNC);
    return failure ? failure : real(file)->pMethods->xSync(real(file), flags);
}

static int on_size(sqlite3_file *file, sqlite3_int64 *size) { return real(file)->pMethods->xFileSize(real(file), size); }
static int on_lock(sqlite3_file *file, int level) { return real(file)->pMethods->xLock(real(file), level); }
static int on_unlock(sqlite3_file *file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }
static int on_check(sqlite3_file *file, int *out) { return real(file)->pMethods->xCheckReservedLock(real(file), out); }
static int on_control(sqlite3_file *file, int op, void *argument) {
    return real(file)->pMethods->xFileControl(real(file), op, argument);
}
static int on_sector(sqlite3_file *file) { return real(file)->pMethods->xSectorSize(real(file)); }
static int on_traits(sqlite3_file *file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); }
static int on_map(sqlite3_file *file, int page, int size, int extend, void volatile **out) {
    return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
}
static int on_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
static void on_barrier(sqlite3_file *file) { real(file)->pMethods->xShmBarrier(real(file)); }
static int on_unmap(sqlite3_file *file, int remove) { return real(file)->pMethods->xShmUnmap(real(file), remove); }

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_check,
    .xFileControl = on_control,
    .xSectorSize = on_sector,
    .xDeviceCharacteristics = on_traits,
    .xShmMap = on_map,
    .xShmLock = on_shm_lock,
    .xShmBarrier = on_barrier,
    .xShmUnmap = on_unmap,
};

static int on_open(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags, int *out) {
    (void)self;
    struct faulty_file *ours = (struct faulty_file *)file;
    file->pMethods = NULL;
    ours->is_watched = is_inside(name);
    int failure = turn(ours->is_watched, FAULTY_DISK_OPEN);
    if (failure) return failure;
    memset(real(file), 0, (size_t)original->szOsFile);
    int result = original->xOpen(original, name, real(file), flags, out);
    if (real(file)->pMethods) file->pMethods = &methods;
    return result;
}

static int on_delete(sqlite3_vfs *self, const char *name, int sync) {
    (void)self;
    int failure = turn(is_inside(name), FAULTY_DISK_DELETE);
    return failure ? failure : original->xDelete(original, name, sync);
}

int faulty_disk_install(void) {
    if (original) return SQLITE_OK;
    int result = sqlite3_initialize();
    if (result != SQLITE_OK) return result;
    original = sqlite3_vfs_find(NULL);
    vfs = *original;
    vfs.pNext = NULL;
    vfs.zName = "faulty-disk";
    vfs.szOsFile = (int)sizeof(struct faulty_file) + original->szOsFile;
    vfs.xOpen = on_open;
    vfs.xDelete = on_delete;
    return sqlite3_vfs_register(&vfs, 1);
}

void faulty_disk_arm(const char *folder, int kinds, long first, int result, int lasting, int torn) {
    atomic_store(&plan.armed, 0);
    strncpy(plan.folder, folder, sizeof plan.folder - 1);
    plan.kinds = kinds;
    plan.first = first;
    plan.result = result;
    plan.lasting = lasting;
    plan.torn = torn;
    atomic_store(&plan.calls, 0);
    atomic_store(&plan.failures, 0);
    atomic_store(&plan.armed, 1);
}

long faulty_disk_disarm(void) {
    atomic_store(&plan.armed, 0);
    return plan.calls;
}

long faulty_disk_failures(void) { return plan.failures; }
