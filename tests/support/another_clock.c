/* Loaded into a process (LD_PRELOAD), has it live ANOTHER_CLOCK_SECONDS from now.
 *
 * The time of day alone: pauses and limits are counted by another clock, which goes on as it is. (libfaketime 0.9.10
 * changes both, and Python's waits never end.)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*ask)(clockid_t, struct timespec *);
    static long away;
    if (!ask) {
        const char *seconds = getenv("ANOTHER_CLOCK_SECONDS");
        away = seconds ? atol(seconds) : 0;
        ask = dlsym(RTLD_NEXT, "clock_gettime");
    }
    int failed = ask(clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += away;
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    (void)zone;
    struct timespec exact;
    if (clock_gettime(CLOCK_REALTIME, &exact))
        return -1;
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *stored)
{
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (stored)
        *stored = exact.tv_sec;
    return exact.tv_sec;
}
