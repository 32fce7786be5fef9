// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations on one buffer, counted in instructions: the machine runs one
 * instruction per tick of its time-stamp counter.
 *
 * Each operation is repeated in batches that are much shorter than the time
 * between two timer interrupts, and the best batch counts: it is one that
 * nothing interrupted.
 */
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench.h"

#define BATCHES 40

struct operation {
	const char *name;
	enum bench_exporter exporter;
	unsigned int pending, signalled;	/* fences */
	void (*once)(int fd);
};

static void expect(int is_as_expected, const char *what)
{
	if (!is_as_expected)
		die(what);
}

/* --- what drivers do */

static const struct driver_operation {
	const char *name;
	enum bench_exporter exporter;
	enum bench_case which;
} driver_operations[] = {
	{ "get+put", BENCH_STATIC, BENCH_GET_PUT },
	{ "fd+close", BENCH_STATIC, BENCH_FD },
	{ "attach+detach/static", BENCH_STATIC, BENCH_ATTACH_STATIC },
	{ "attach+detach/dynamic", BENCH_DYNAMIC, BENCH_ATTACH_DYNAMIC },
	{ "attach+map+unmap+detach/static", BENCH_STATIC, BENCH_CYCLE_STATIC },
	{ "attach+map+unmap+detach/cached", BENCH_CACHED, BENCH_CYCLE_STATIC },
	{ "attach+map+unmap+detach/dynamic", BENCH_DYNAMIC, BENCH_CYCLE_DYNAMIC },
	{ "attach+map+unmap+detach/static-importer-dynamic-exporter", BENCH_DYNAMIC, BENCH_CYCLE_STATIC },
	{ "attach+map+unmap+detach/dynamic-importer-static-exporter", BENCH_STATIC, BENCH_CYCLE_DYNAMIC },
	{ "map+unmap/static", BENCH_STATIC, BENCH_MAP_STATIC },
	{ "map+unmap/cached", BENCH_CACHED, BENCH_MAP_STATIC },
	{ "map+unmap/dynamic", BENCH_DYNAMIC, BENCH_MAP_DYNAMIC },
	{ "map+unmap/static-importer-dynamic-exporter", BENCH_DYNAMIC, BENCH_MAP_STATIC },
	{ "map+unmap/dynamic-importer-static-exporter", BENCH_STATIC, BENCH_MAP_DYNAMIC },
	{ "pin+unpin", BENCH_DYNAMIC, BENCH_PIN },
	{ "vmap+vunmap", BENCH_STATIC, BENCH_VMAP },
	{ "vmap+vunmap/unlocked", BENCH_STATIC, BENCH_VMAP_UNLOCKED },
	{ "begin+end-cpu-access", BENCH_STATIC, BENCH_CPU_ACCESS },
};

static double run_batch(struct bench_run *run)
{
	if (ioctl(bench_device(), BENCH_IOCTL_RUN, run))
		die("BENCH_IOCTL_RUN");
	return (double)run->ticks / run->count;
}

static double best_run(struct bench_run *run)
{
	double best = run_batch(run);
	int i;

	for (i = 1; i < BATCHES; i++) {
		double one = run_batch(run);

		if (one < best)
			best = one;
	}
	return best;
}

static void measure_driver_operation(const struct driver_operation *op)
{
	struct bench_run run = { .which = op->which, .count = 200 };

	run.fd = new_buffer(op->exporter);
	report(op->name, "instructions", best_run(&run));
	close_buffer(run.fd);
}

static void measure_move_notify(unsigned int attachments)
{
	struct bench_run run = {
		.which = BENCH_MOVE_NOTIFY,
		.count = 20000 / (attachments + 9),
		.attachments = attachments,
	};
	char name[64];

	run.fd = new_buffer(BENCH_DYNAMIC);
	snprintf(name, sizeof(name), "move_notify/%u-per-attachment", attachments);
	report(name, "instructions", best_run(&run) / attachments);
	close_buffer(run.fd);
}

/* --- what user space does */

static void poll_in(int fd)
{
	poll_now(fd, POLLIN);
}

static void poll_out(int fd)
{
	poll_now(fd, POLLOUT);
}

static void sync_once(int fd)
{
	struct dma_buf_sync sync = { .flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW };

	if (ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync))
		die("DMA_BUF_IOCTL_SYNC");
	sync.flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW;
	if (ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync))
		die("DMA_BUF_IOCTL_SYNC");
}

static int export_sync_file(int fd)
{
	struct dma_buf_export_sync_file arg = { .flags = DMA_BUF_SYNC_RW };

	if (ioctl(fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &arg))
		die("DMA_BUF_IOCTL_EXPORT_SYNC_FILE");
	return arg.fd;
}

static void export_once(int fd)
{
	close_buffer(export_sync_file(fd));
}

static int imported_sync_file;

static void import_once(int fd)
{
	struct dma_buf_import_sync_file arg = {
		.flags = DMA_BUF_SYNC_WRITE, .fd = imported_sync_file,
	};

	if (ioctl(fd, DMA_BUF_IOCTL_IMPORT_SYNC_FILE, &arg))
		die("DMA_BUF_IOCTL_IMPORT_SYNC_FILE");
}

static void seek_once(int fd)
{
	if (lseek(fd, 0, SEEK_END) < 0)
		die("lseek");
}

static void name_once(int fd)
{
	if (ioctl(fd, DMA_BUF_SET_NAME, "a buffer"))
		die("DMA_BUF_SET_NAME");
}

static const struct operation user_operations[] = {
	{ "poll/in/0-fences", BENCH_STATIC, 0, 0, poll_in },
	{ "poll/out/0-fences", BENCH_STATIC, 0, 0, poll_out },
	{ "poll/in/1-fence", BENCH_STATIC, 1, 0, poll_in },
	{ "poll/out/1-fence", BENCH_STATIC, 1, 0, poll_out },
	{ "poll/in/64-fences", BENCH_STATIC, 64, 0, poll_in },
	{ "poll/out/64-fences", BENCH_STATIC, 64, 0, poll_out },
	{ "poll/in/1-signalled", BENCH_STATIC, 0, 1, poll_in },
	{ "poll/out/1-signalled", BENCH_STATIC, 0, 1, poll_out },
	{ "poll/in/64-signalled", BENCH_STATIC, 0, 64, poll_in },
	{ "poll/out/64-signalled", BENCH_STATIC, 0, 64, poll_out },
	{ "sync/0-fences", BENCH_STATIC, 0, 0, sync_once },
	{ "sync/1-signalled", BENCH_STATIC, 0, 1, sync_once },
	{ "export-sync-file/0-fences", BENCH_STATIC, 0, 0, export_once },
	{ "export-sync-file/1-fence", BENCH_STATIC, 1, 0, export_once },
	{ "export-sync-file/64-fences", BENCH_STATIC, 64, 0, export_once },
	{ "import-sync-file/1-fence", BENCH_STATIC, 1, 0, import_once },
	{ "lseek", BENCH_STATIC, 0, 0, seek_once },
	{ "set-name", BENCH_STATIC, 0, 0, name_once },
};

static double repeat(const struct operation *op, int fd, unsigned int count)
{
	uint64_t start = ticks();
	unsigned int i;

	for (i = 0; i < count; i++)
		op->once(fd);
	return (double)(ticks() - start) / count;
}

static double best_repeat(const struct operation *op, int fd)
{
	double best = repeat(op, fd, 1);
	int i;

	for (i = 0; i < BATCHES; i++) {
		double one = repeat(op, fd, 50);

		if (one < best)
			best = one;
	}
	return best;
}

static void measure_user_operation(const struct operation *op)
{
	int fd = new_buffer(op->exporter);

	if (op->pending)
		set_fences(fd, op->pending, 0);
	if (op->signalled)
		set_fences(fd, op->signalled, 1);
	if (op->once == import_once)
		imported_sync_file = export_sync_file(fd);

	report(op->name, "instructions", best_repeat(op, fd));

	if (op->once == import_once)
		close_buffer(imported_sync_file);
	if (op->pending)
		set_fences(fd, 0, 0);
	close_buffer(fd);
}

/*
 * The first poll after a new fence is the one that has to put itself on the
 * fence; it cannot be repeated without a new fence.
 */
static void measure_first_poll(const char *name, short events, unsigned int fences)
{
	int fd = new_buffer(BENCH_STATIC);
	uint64_t best = UINT64_MAX, start, taken;
	int i;

	for (i = 0; i < BATCHES; i++) {
		set_fences(fd, fences, 0);
		start = ticks();
		expect(!poll_now(fd, events), "poll saw no fence");
		taken = ticks() - start;
		if (taken < best)
			best = taken;
	}
	report(name, "instructions", best);
	set_fences(fd, 0, 0);
	close_buffer(fd);
}

/* --- birth and death */

static void export_close(enum bench_exporter exporter)
{
	close_buffer(new_buffer(exporter));
}

static double export_close_batch(enum bench_exporter exporter, unsigned int count)
{
	uint64_t start = ticks();
	unsigned int i;

	for (i = 0; i < count; i++)
		export_close(exporter);
	return (double)(ticks() - start) / count;
}

/*
 * A long run is the whole truth: what a close leaves to RCU is freed during
 * it, for as many buffers as it creates.  The best of short batches is what the
 * caller itself spends.
 */
static void measure_export_close(const char *name, const char *caller_name,
				 enum bench_exporter exporter)
{
	double best = 1e12;
	int i;

	export_close_batch(exporter, 20000);
	report(name, "instructions", export_close_batch(exporter, 40000));

	for (i = 0; i < BATCHES; i++) {
		double one = export_close_batch(exporter, 20);

		if (one < best)
			best = one;
	}
	report(caller_name, "instructions", best);
}

void measure_instructions(void)
{
	static const unsigned int crowds[] = { 1, 10, 100, 1000 };
	unsigned int i;

	measure_export_close("export+close", "export+close/caller", BENCH_STATIC);
	measure_export_close("export+close/exporters-resv", "export+close/exporters-resv/caller",
			     BENCH_STATIC_RESV);
	for (i = 0; i < ARRAY_SIZE(driver_operations); i++)
		measure_driver_operation(&driver_operations[i]);
	for (i = 0; i < ARRAY_SIZE(crowds); i++)
		measure_move_notify(crowds[i]);
	for (i = 0; i < ARRAY_SIZE(user_operations); i++)
		measure_user_operation(&user_operations[i]);
	measure_first_poll("poll/in/1-fence/first", POLLIN, 1);
	measure_first_poll("poll/out/1-fence/first", POLLOUT, 1);
	measure_first_poll("poll/in/64-fences/first", POLLIN, 64);
	measure_first_poll("poll/out/64-fences/first", POLLOUT, 64);
}
