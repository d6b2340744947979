/*
 * Reads the archive that a start begins from into large pages; preloaded by the launcher, which names the archive in
 * LACONIC_ARCHIVE. Java maps the file and changes nearly every page of what it may write to, each by a fault of its own and a
 * copy, which takes longer than to read all of it. Other mappings are the system's, as is this one if anything fails.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static struct stat archive;

/* Before any of the program's code; what the program itself starts is left alone. */
__attribute__((constructor)) static void find_archive(void) {
    const char *path = getenv("LACONIC_ARCHIVE");
    if (path == NULL || stat(path, &archive) != 0) archive.st_ino = 0;
    unsetenv("LACONIC_ARCHIVE");
    unsetenv("LD_PRELOAD");
}

static bool is_archive(int file) {
    struct stat found;
    return archive.st_ino != 0 && fstat(file, &found) == 0 && found.st_ino == archive.st_ino && found.st_dev == archive.st_dev;
}

static void *map(void *at, size_t bytes, int access, int flags, int file, off_t offset) {
    return (void *)syscall(SYS_mmap, at, bytes, access, flags, file, offset);
}

static bool read_all(int file, off_t offset, char *to, size_t bytes) {
    while (bytes > 0) {
        ssize_t some = pread(file, to, bytes, offset);
        if (some < 0 && errno == EINTR) continue;
        if (some <= 0) return false;
        to += some;
        offset += some;
        bytes -= some;
    }
    return true;
}

__attribute__((visibility("default"))) void *mmap(void *at, size_t bytes, int access, int flags, int file, off_t offset) {
    if (file < 0 || !(flags & MAP_PRIVATE) || !(access & PROT_WRITE) || !is_archive(file))
        return map(at, bytes, access, flags, file, offset);
    char *memory = map(at, bytes, access, flags | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return memory;
    madvise(memory, bytes, MADV_HUGEPAGE);
    madvise(memory, bytes, MADV_POPULATE_WRITE);
    if (read_all(file, offset, memory, bytes)) return memory;
    return map(memory, bytes, access, flags | MAP_FIXED, file, offset);
}

__attribute__((visibility("default"), alias("mmap"))) void *mmap64(void *, size_t, int, int, int, off_t);
