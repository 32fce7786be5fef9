// SPDX-License-Identifier: MIT
#include "deadline.h"

#define SOON_SECONDS 10

time_t deadline_soon(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + SOON_SECONDS;
}

bool deadline_pause(time_t deadline)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec > deadline)
		return false;
	nanosleep(&pause, NULL);
	return true;
}
