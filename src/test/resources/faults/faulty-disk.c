/*
 * A disk that fails at a chosen step, for LD_PRELOAD: what is done to names in a folder, and what is forced to
 * disk there, is counted, and one call of them, or all from one on, fails with an error, or is where the process
 * is killed.
 *
 * FAULTY_DISK=FOLDER:KIND:NTH:ACTION sets it from the beginning; faulty_disk_arm later.
 *   KIND    0: all of them; 1: only folders that are forced to disk
 *   NTH     the call, from 1 on; 0: none
 *   ACTION  an errno: that call fails with it; the same, negative: so do all that follow; 0: SIGKILL before the call
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[4096];
static int kind;
static long nth;
static int action;
static long calls;

void faulty_disk_arm(const char *in, int only, long call, int then) {
    __atomic_store_n(&nth, 0, __ATOMIC_SEQ_CST);
    snprintf(folder, sizeof folder, "%s", in);
    kind = only;
    action = then;
    __atomic_store_n(&calls, 0, __ATOMIC_SEQ_CST);
    __atomic_store_n(&nth, call, __ATOMIC_SEQ_CST);
}

long faulty_disk_calls(void) {
    return __atomic_load_n(&calls, __ATOMIC_SEQ_CST);
}

__attribute__((constructor)) static void begin(void) {
    const char *set = getenv("FAULTY_DISK");
    char in[4096];
    int only, then;
    long call;
    if (set != NULL && sscanf(set, "%4095[^:]:%d:%ld:%d", in, &only, &call, &then) == 4) {
        faulty_disk_arm(in, only, call, then);
    }
}

static int fails(const char *path, int forced_folder) {
    long when = __atomic_load_n(&nth, __ATOMIC_SEQ_CST);
    if (when == 0 || path == NULL || strncmp(path, folder, strlen(folder)) != 0 || (kind == 1 && !forced_folder)) {
        return 0;
    }
    long call = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
    if (action < 0 ? call < when : call != when) {
        return 0;
    }
    if (action == 0) {
        kill(getpid(), SIGKILL);
        for (;;) {
            pause();
        }
    }
    errno = abs(action);
    return 1;
}

static int fails_to_force(int file) {
    char link[64], path[4096];
    struct stat status;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) {
        return 0;
    }
    path[length] = 0;
    return fails(path, fstat(file, &status) == 0 && S_ISDIR(status.st_mode));
}

#define REAL(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

int rename(const char *from, const char *to) { return fails(to, 0) ? -1 : REAL(rename)(from, to); }
int link(const char *from, const char *to) { return fails(to, 0) ? -1 : REAL(link)(from, to); }
int unlink(const char *path) { return fails(path, 0) ? -1 : REAL(unlink)(path); }
int mkdir(const char *path, mode_t mode) { return fails(path, 0) ? -1 : REAL(mkdir)(path, mode); }
int rmdir(const char *path) { return fails(path, 0) ? -1 : REAL(rmdir)(path); }
int chmod(const char *path, mode_t mode) { return fails(path, 0) ? -1 : REAL(chmod)(path, mode); }
int chown(const char *path, uid_t user, gid_t group) { return fails(path, 0) ? -1 : REAL(chown)(path, user, group); }
int fsync(int file) { return fails_to_force(file) ? -1 : REAL(fsync)(file); }
int fdatasync(int file) { return fails_to_force(file) ? -1 : REAL(fdatasync)(file); }

#define OPEN(name)                                                  \
    int name(const char *path, int flags, ...) {                    \
        va_list rest;                                               \
        va_start(rest, flags);                                      \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;   \
        va_end(rest);                                               \
        if ((flags & O_CREAT) && fails(path, 0)) {                  \
            return -1;                                              \
        }                                                           \
        return REAL(name)(path, flags, mode);                       \
    }
OPEN(open)
OPEN(open64)
