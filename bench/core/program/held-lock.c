// SPDX-License-Identifier: GPL-2.0-only
/*
 * poll() with a timeout of 0 while somebody holds the reservation lock for
 * long, as a driver does that waits for its device.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

static int buffer;
static atomic_int poller_tid;
static atomic_ullong poller_took;	/* ns, 0 while it is not back */

static void *hold(void *unused)
{
	(void)unused;
	if (ioctl(bench_device(), BENCH_IOCTL_HOLD, buffer))
		die("BENCH_IOCTL_HOLD");
	return NULL;
}

static void *poll_once(void *unused)
{
	uint64_t start;

	(void)unused;
	poller_tid = syscall(SYS_gettid);
	start = now_ns();
	poll_now(buffer, POLLIN | POLLOUT);
	poller_took = now_ns() - start;
	return NULL;
}

/* The state letter of a thread: D is an uninterruptible sleep. */
static char thread_state(int tid)
{
	char path[64], line[256], *state;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	file = fopen(path, "re");
	if (!file)
		return 'X';
	state = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
	fclose(file);
	return state ? state[2] : 'X';
}

/* Returns whether the poller sleeps; else it is back. */
static int poller_sleeps(void)
{
	while (!poller_took)
		if (poller_tid && thread_state(poller_tid) == 'D')
			return 1;
	return 0;
}

void measure_held_lock(void)
{
	static const struct timespec a_drivers_work = { .tv_nsec = 50 * 1000 * 1000 };
	pthread_t holder, poller;

	buffer = new_buffer(BENCH_STATIC);
	if (pthread_create(&holder, NULL, hold, NULL))
		die("pthread_create");
	if (ioctl(bench_device(), BENCH_IOCTL_WAIT_HELD))
		die("BENCH_IOCTL_WAIT_HELD");
	if (pthread_create(&poller, NULL, poll_once, NULL))
		die("pthread_create");

	report("poll/lock-held/waits", "yes-or-no", poller_sleeps());
	/* However long the driver works, a poller that waits waits as long. */
	nanosleep(&a_drivers_work, NULL);
	if (ioctl(bench_device(), BENCH_IOCTL_LET_GO))
		die("BENCH_IOCTL_LET_GO");

	pthread_join(poller, NULL);
	pthread_join(holder, NULL);
	report("poll/lock-held", "ns", poller_took);
	close_buffer(buffer);
}
