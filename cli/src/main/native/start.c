/*
 * What the launcher has Java preload. It reads the archive that a start begins from, which LACONIC_ARCHIVE names, into large
 * pages: Java maps the file and changes nearly every page of what it may write to, each by a fault of its own and a copy, which
 * takes longer than to read all of it. Other mappings are the system's, as is this one if anything fails.
 *
 * And it reads for the launcher, which need not wait for it, what descriptor LACONIC_NEWER says of sources that are newer than
 * the build. If there are any, LACONIC_LAUNCHER is run in Java's place to build them, before Java has done anything.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static const char MAIN[] = "dev.laconic.cli.Main";

static struct stat archive;

/* Where the news of sources comes from, -1 once it is known, and who builds them. */
static int news = -1;
static char *launcher;

/* Before any of the program's code; what the program itself starts is left alone. */
__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("LACONIC_ARCHIVE"), *descriptor = getenv("LACONIC_NEWER"), *builder = getenv("LACONIC_LAUNCHER");
    if (path == NULL || stat(path, &archive) != 0) archive.st_ino = 0;
    if (descriptor != NULL && builder != NULL && (launcher = strdup(builder)) != NULL) news = atoi(descriptor);
    unsetenv("LACONIC_ARCHIVE");
    unsetenv("LACONIC_NEWER");
    unsetenv("LACONIC_LAUNCHER");
    unsetenv("LD_PRELOAD");
}

/* Runs the launcher in place of this process, with what it was run with: what is behind the program's name. */
static void start_over(void) {
    enum { BYTES = 4 << 20, MOST = 1 << 16 };
    char *line = malloc(BYTES), **arguments = malloc(MOST * sizeof *arguments);
    int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC), count = 0;
    ssize_t bytes = 0, some;
    if (line == NULL || arguments == NULL || file < 0) return;
    while ((some = read(file, line + bytes, BYTES - bytes)) > 0) bytes += some;
    if (some < 0 || bytes == BYTES) return;
    for (char *at = line; at < line + bytes && count < MOST - 1; at += strlen(at) + 1)
        if (count > 0) arguments[count++] = at;
        else if (strcmp(at, MAIN) == 0) arguments[count++] = launcher;
    if (count == 0 || count == MOST - 1) return;
    arguments[count] = NULL;
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    setenv("LACONIC_LOOK", "1", 1);
    execv(launcher, arguments);
}

/* Hears whether sources are newer, if that is known by now or worth waiting for. */
static void hear(bool waits) {
    struct pollfd ready = {.fd = news, .events = POLLIN};
    if (news < 0 || poll(&ready, 1, waits ? -1 : 0) <= 0) return;
    char some;
    ssize_t newer = read(news, &some, 1);
    close(news);
    news = -1;
    waitpid(-1, NULL, WNOHANG); /* who told them */
    if (newer > 0) start_over();
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
    if (file >= 0) hear(false);
    if (file < 0 || !(flags & MAP_PRIVATE) || !(access & PROT_WRITE) || !is_archive(file))
        return map(at, bytes, access, flags, file, offset);
    hear(true);
    char *memory = map(at, bytes, access, flags | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return memory;
    madvise(memory, bytes, MADV_HUGEPAGE);
    madvise(memory, bytes, MADV_POPULATE_WRITE);
    if (read_all(file, offset, memory, bytes)) return memory;
    return map(memory, bytes, access, flags | MAP_FIXED, file, offset);
}

__attribute__((visibility("default"), alias("mmap"))) void *mmap64(void *, size_t, int, int, int, off_t);
