// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two processes create and close buffers, each on its own CPU, while a third
 * one reads bufinfo in a loop and a thousand other buffers are alive.
 */
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define BUFINFO "/sys/kernel/debug/dma_buf/bufinfo"
#define RUN_NS (3 * 1000000000ull)
#define ALIVE 1000

struct shared {
	atomic_int go, done;
	atomic_ullong created, passes;
};

static void wait_for_go(struct shared *shared)
{
	while (!shared->go)
		sched_yield();
}

static void create_and_close(struct shared *shared, int cpu)
{
	uint64_t until, created = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");

	wait_for_go(shared);
	for (until = now_ns() + RUN_NS; now_ns() < until; created++)
		close_buffer(new_buffer(BENCH_STATIC));
	shared->created += created;
}

static void read_bufinfo(struct shared *shared)
{
	wait_for_go(shared);
	while (!shared->done) {
		read_whole(BUFINFO);
		shared->passes++;
	}
}

static pid_t start(struct shared *shared, int cpu)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;

	if (cpu < 0)
		read_bufinfo(shared);
	else
		create_and_close(shared, cpu);
	_exit(0);
}

static void join(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		die("a process failed");
}

static void measure(const char *name, const char *passes_name, struct shared *shared)
{
	pid_t creators[2], reader = -1;
	int cpu;

	shared->go = shared->done = 0;
	shared->created = shared->passes = 0;

	for (cpu = 0; cpu < 2; cpu++)
		creators[cpu] = start(shared, cpu);
	if (passes_name)
		reader = start(shared, -1);
	shared->go = 1;
	for (cpu = 0; cpu < 2; cpu++)
		join(creators[cpu]);
	shared->done = 1;
	if (passes_name)
		join(reader);

	report(name, "ns", (double)RUN_NS / shared->created);
	if (passes_name)
		report(passes_name, "ns", (double)RUN_NS / shared->passes);
}

void measure_two_cpus(void)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		die("mmap");

	bench_device();
	populate(ALIVE);
	measure("two-cpus/no-reader", NULL, shared);
	measure("two-cpus/bufinfo-reader", "two-cpus/bufinfo-pass", shared);
	populate(0);
}
