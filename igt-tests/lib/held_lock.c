// SPDX-License-Identifier: MIT
/*
 * The first mmap() of a large vgem buffer populates all of it under its
 * reservation lock, which is as long as user space can have that lock held.
 * Whoever waits for the lock then waits about that long; the longest run of a
 * probe next to it tells which of the two it was.  Both are measured in the
 * same moment on the same machine, so slow machines only make them clearer.
 */
#include "held_lock.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "dmabuf.h"
#include "exporter.h"
#include "subtest.h"

#define SIZE ((size_t)64 << 20)
#define ROUNDS 3
#define HELD_AT_LEAST 0.005

/* In memory that both processes see. */
struct round {
	atomic_bool probing;
	atomic_bool stop;
	double held;
	double longest;
	unsigned long probes;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void probe_until_stopped(struct round *round, void (*probe)(int fd), int fd)
{
	while (!atomic_load(&round->stop)) {
		double start = now(), took;

		probe(fd);
		took = now() - start;
		if (took > round->longest)
			round->longest = took;
		round->probes++;
		atomic_store(&round->probing, true);
	}
}

static void run_round(struct round *round, void (*probe)(int fd))
{
	int fd = exporter_create(exporter_get("vgem"), SIZE), status;
	double start;
	pid_t pid;
	void *at;

	pid = child_fork();
	if (!pid) {
		probe_until_stopped(round, probe, fd);
		_exit(0);
	}
	while (!atomic_load(&round->probing))
		check_eq(waitpid(pid, &status, WNOHANG), 0);

	start = now();
	at = dmabuf_mmap(fd, SIZE, PROT_READ);
	round->held = now() - start;
	atomic_store(&round->stop, true);
	child_join(pid);
	dmabuf_munmap(at, SIZE);
	close_fd(fd);
}

bool held_lock_stalls_nobody(void (*probe)(int fd))
{
	bool free = false;
	int i;

	for (i = 0; i < ROUNDS && !free; i++) {
		struct round *round = mmap(NULL, sizeof(*round), PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

		check(round != MAP_FAILED);
		run_round(round, probe);
		subtest_info("lock held for %.1f ms, longest of %lu probes %.1f ms",
			     round->held * 1e3, round->probes, round->longest * 1e3);
		require(round->held > HELD_AT_LEAST,
			"the lock was held too short to tell anything");
		free = round->longest < round->held / 2;
		check_ok(neg_errno(munmap(round, sizeof(*round))));
	}
	return free;
}
