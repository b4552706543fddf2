/* A clock for one build: preloaded, it moves what the build sees of time, or lets it advance with the work of the build.

   The clock itself moves, and so do the dates of files that the build has made (those not older than its start),
   which the kernel stamps with the real time. The dates of the source files stay as they were unpacked. What waits
   until a moment of the moved clock waits until the real moment that belongs to it; the monotonic clock is left alone.

   Where the clock goes back, files of the system may be younger than all that the build makes. Programs that decide by
   dates what is to be made again would do so for ever: they see such files as made at the start of the build. No other
   program does; Python would no longer take its bytecode for that of its sources.

   REPROWHEELS_CLOCK names a file that holds "OFFSET START TICK" in nanoseconds: START is the real time at which the build
   began, OFFSET what is added to it. They are not in the environment themselves, so that a build which records its
   environment stays the same.

   Where TICK is not zero, the clock begins at START + OFFSET and advances by TICK each time that the build opens a file
   or reads the clock, so that it shows the same times on a slow machine as on a fast one. A file carries the time at
   which it was opened for writing. The count is shared by all processes of the build, in a file beside the first one. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

#define FILES (1 << 16)

static long long offset, start, tick;
static int by_dates; /* this program decides by the dates of files what is to be made again */

/* The ticks so far, and for each file, found by its inode, the tick at which it was last opened for writing. */
static struct ticks {
    atomic_llong now;
    struct {
        atomic_ullong inode;
        atomic_llong at;
    } files[FILES];
} *ticks;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("REPROWHEELS_CLOCK");
    char text[96] = "", *end = text;
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    if (read(fd, text, sizeof text - 1) > 0) {
        offset = strtoll(text, &end, 10);
        start = strtoll(end, &end, 10);
        tick = strtoll(end, NULL, 10);
    }
    close(fd);
    for (const char *const *name = (const char *const[]){"make", "gmake", "ninja", "samu", NULL}; *name; name++)
        by_dates |= !strcmp(program_invocation_short_name, *name);
    char counts[4096];
    if (!tick || snprintf(counts, sizeof counts, "%s-ticks", path) >= (int)sizeof counts)
        return;
    fd = open(counts, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *shared = mmap(NULL, sizeof *ticks, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (shared != MAP_FAILED)
        ticks = shared;
}

/* Looked up once: builds ask for the time and for the dates of files very often. */
#define REAL(name)                                                   \
    static __typeof__(name) *real;                                   \
    if (!real)                                                       \
        real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static void set(struct timespec *ts, long long nanoseconds)
{
    ts->tv_sec = nanoseconds / SECOND;
    ts->tv_nsec = nanoseconds % SECOND;
}

static void set_tick(struct timespec *ts, long long count)
{
    set(ts, start + offset + count * tick);
}

static void forward(struct timespec *ts)
{
    if (ticks)
        set_tick(ts, atomic_fetch_add(&ticks->now, 1));
    else
        set(ts, ts->tv_sec * SECOND + ts->tv_nsec + offset);
}

/* Find where the tick of a file is kept; with `make`, make a place for it. Returns -1 where there is none. */
static int place(unsigned long long inode, int make)
{
    for (int tried = 0; tried < 64; tried++) {
        int at = (inode * 2654435761u + tried) % FILES;
        unsigned long long found = atomic_load(&ticks->files[at].inode), none = 0;
        if (found == inode)
            return at;
        if (!found && !make)
            return -1;
        if (!found && (atomic_compare_exchange_strong(&ticks->files[at].inode, &none, inode) || none == inode))
            return at;
    }
    return -1;
}

static int opened(int fd, int flags)
{
    static __typeof__(fstat) *real;
    struct stat st;
    if (!ticks)
        return fd;
    long long now = atomic_fetch_add(&ticks->now, 1);
    if (!real)
        real = dlsym(RTLD_NEXT, "fstat");
    if (fd >= 0 && real && (flags & O_ACCMODE) != O_RDONLY && real(fd, &st) == 0) {
        int at = place(st.st_ino, 1);
        if (at >= 0)
            atomic_store(&ticks->files[at].at, now);
    }
    return fd;
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
    REAL(clock_gettime);
    int status = real(id, ts);
    if (status == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE || id == CLOCK_TAI))
        forward(ts);
    return status;
}

time_t time(time_t *where)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    if (where)
        *where = ts.tv_sec;
    return ts.tv_sec;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    struct timespec ts;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &ts);
    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;
    return 0;
}

/* A deadline is one of the moved clock when it is after 2001; the monotonic clock counts from the start of the machine. */
static const struct timespec *real_deadline(const struct timespec *deadline, struct timespec *moved)
{
    if (!deadline || deadline->tv_sec < 1000000000)
        return deadline;
    long long wanted = deadline->tv_sec * SECOND + deadline->tv_nsec, now = start;
    if (ticks) {
        /* The ticks do not go on while something waits: wait for as long as it is from now on. */
        struct timespec ts;
        static __typeof__(clock_gettime) *real;
        if (!real)
            real = dlsym(RTLD_NEXT, "clock_gettime");
        real(CLOCK_REALTIME, &ts);
        now = ts.tv_sec * SECOND + ts.tv_nsec - atomic_load(&ticks->now) * tick;
    }
    set(moved, wanted - offset - start + now);
    return moved;
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *request, struct timespec *remain)
{
    REAL(clock_nanosleep);
    struct timespec moved;
    return real(id, flags, (flags & TIMER_ABSTIME) ? real_deadline(request, &moved) : request, remain);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline)
{
    REAL(sem_timedwait);
    struct timespec moved;
    return real(semaphore, real_deadline(deadline, &moved));
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict deadline)
{
    REAL(pthread_mutex_timedlock);
    struct timespec moved;
    return real(mutex, real_deadline(deadline, &moved));
}

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex, const struct timespec *restrict deadline)
{
    /* Without its version dlsym finds the condition variables of 2002, which have another layout. */
    static __typeof__(pthread_cond_timedwait) *real;
    struct timespec moved;
    if (!real)
        real = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!real)
        real = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    return real(cond, mutex, real_deadline(deadline, &moved));
}

/* The second in which the build began belongs to it: the kernel's clock for files lags behind by some milliseconds. */
static void move_file(struct timespec *ts, unsigned long long inode)
{
    if (ts->tv_sec < start / SECOND) {
        long long begun = start - start % SECOND + offset;
        if (by_dates && ts->tv_sec * SECOND + ts->tv_nsec > begun)
            set(ts, begun);
        return;
    }
    if (ticks) {
        int at = place(inode, 0);
        set_tick(ts, at >= 0 ? atomic_load(&ticks->files[at].at) : atomic_load(&ticks->now));
    } else {
        forward(ts);
    }
}

static void move(struct stat *st)
{
    move_file(&st->st_atim, st->st_ino);
    move_file(&st->st_mtim, st->st_ino);
    move_file(&st->st_ctim, st->st_ino);
}

static void move_x(struct statx_timestamp *stamp, unsigned long long inode)
{
    struct timespec ts = {stamp->tv_sec, stamp->tv_nsec};
    move_file(&ts, inode);
    stamp->tv_sec = ts.tv_sec;
    stamp->tv_nsec = ts.tv_nsec;
}

/* Each opening of a file is a tick. */
#define OPEN(name, parameters, arguments)                                    \
    int name parameters                                                      \
    {                                                                        \
        static int(*real) parameters;                                        \
        mode_t mode = 0;                                                     \
        if (flags & (O_CREAT | __O_TMPFILE)) {                               \
            va_list list;                                                    \
            va_start(list, flags);                                           \
            mode = va_arg(list, mode_t);                                     \
            va_end(list);                                                    \
        }                                                                    \
        if (!real)                                                           \
            real = dlsym(RTLD_NEXT, #name);                                  \
        return opened(real arguments, flags);                                \
    }

OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int fd, const char *path, int flags, ...), (fd, path, flags, mode))
OPEN(openat64, (int fd, const char *path, int flags, ...), (fd, path, flags, mode))

/* stat and stat64 are the same on every 64-bit Linux; the __xstat family is what programs built for glibc < 2.33 call. */
#define FAMILY(name, parameters, arguments)          \
    int name parameters                              \
    {                                                \
        static int(*real) parameters;                \
        if (!real)                                   \
            real = dlsym(RTLD_NEXT, #name);          \
        int status = real arguments;                 \
        if (status == 0)                             \
            move((struct stat *)st);                 \
        return status;                               \
    }

FAMILY(stat, (const char *restrict path, struct stat *restrict st), (path, st))
FAMILY(lstat, (const char *restrict path, struct stat *restrict st), (path, st))
FAMILY(fstat, (int fd, struct stat *st), (fd, st))
FAMILY(fstatat, (int fd, const char *restrict path, struct stat *restrict st, int flags), (fd, path, st, flags))
FAMILY(stat64, (const char *restrict path, struct stat64 *restrict st), (path, st))
FAMILY(lstat64, (const char *restrict path, struct stat64 *restrict st), (path, st))
FAMILY(fstat64, (int fd, struct stat64 *st), (fd, st))
FAMILY(fstatat64, (int fd, const char *restrict path, struct stat64 *restrict st, int flags), (fd, path, st, flags))
FAMILY(__xstat, (int version, const char *path, struct stat *st), (version, path, st))
FAMILY(__lxstat, (int version, const char *path, struct stat *st), (version, path, st))
FAMILY(__fxstat, (int version, int fd, struct stat *st), (version, fd, st))
FAMILY(__fxstatat, (int version, int fd, const char *path, struct stat *st, int flags), (version, fd, path, st, flags))
FAMILY(__xstat64, (int version, const char *path, struct stat64 *st), (version, path, st))
FAMILY(__lxstat64, (int version, const char *path, struct stat64 *st), (version, path, st))
FAMILY(__fxstat64, (int version, int fd, struct stat64 *st), (version, fd, st))
FAMILY(__fxstatat64, (int version, int fd, const char *path, struct stat64 *st, int flags), (version, fd, path, st, flags))

int statx(int fd, const char *restrict path, int flags, unsigned int mask, struct statx *restrict stx)
{
    REAL(statx);
    int status = real(fd, path, flags, mask, stx);
    if (status == 0) {
        move_x(&stx->stx_atime, stx->stx_ino);
        move_x(&stx->stx_mtime, stx->stx_ino);
        move_x(&stx->stx_ctime, stx->stx_ino);
    }
    return status;
}
