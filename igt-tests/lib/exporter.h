/* SPDX-License-Identifier: MIT */
/*
 * Who makes the buffers: every driver a plain kernel has that exports a
 * dma-buf for the asking.
 */
#ifndef IGT_TESTS_EXPORTER_H
#define IGT_TESTS_EXPORTER_H

#include <stdbool.h>
#include <stddef.h>

#define PAGE_BYTES 4096u

enum {
	EXPORTER_CAN_RDONLY = 1 << 0,	/* hands out descriptors that cannot write */
	EXPORTER_CAN_DUP = 1 << 1,	/* one object exported twice is one dma-buf */
	/*
	 * Maps a part as that part.  GEM objects in shmem show their beginning
	 * at every offset: their fault handler counts from where the mapping
	 * starts, which is an exporter's matter and not the core's.
	 */
	EXPORTER_CAN_MAP_PART = 1 << 2,
};

/**
 * struct exporter - one kind of buffer
 * @name: of the dynamic subtest, and of the driver where it is DRM's
 * @can: EXPORTER_CAN_*
 * @private_writable: what mapping it MAP_PRIVATE and writable gives
 * @end_needs_start: SYNC's END is refused until there was a START
 * @binds_direction: its first START maps it for that direction for good, and
 *	the kernel's DMA checker reports a later one in another direction
 * @syncs_unlocked: SYNC looks at importers' mappings without a lock.  6.12's
 *	system heap does: on the stock core, too, two threads that import and
 *	sync one of its buffers end in a general protection fault
 * @open: the device, or -errno
 * @create: a dma-buf's descriptor, or -errno; @access is O_RDWR or O_RDONLY
 */
struct exporter {
	const char *name;
	unsigned int can;
	int private_writable;
	bool end_needs_start;
	bool binds_direction;
	bool syncs_unlocked;
	int (*open)(void);
	int (*create)(int device, size_t size, int access);
};

extern const struct exporter exporters[];
extern const size_t exporter_count;

/* By name; the subtest is skipped where the machine does not have it. */
const struct exporter *exporter_get(const char *name);

/* Opens its device for the rest of this process, or skips the subtest. */
void exporter_require(const struct exporter *exp);
bool exporter_can(const struct exporter *exp, unsigned int needs);
bool exporter_exists(const struct exporter *exp);
int exporter_device(const struct exporter *exp);
/* How many devices are open by now. */
int exporter_open_devices(void);

int __exporter_create(const struct exporter *exp, size_t size, int access);
int exporter_create(const struct exporter *exp, size_t size);
/* One whose SYNC may be called in all directions and from many threads. */
int exporter_create_for_sync(const struct exporter *exp, size_t size);
int exporter_create_rdonly(const struct exporter *exp, size_t size);

/* A sealed memfd as udmabuf wants it; udmabufs made of it share its pages. */
int udmabuf_create_memfd(size_t size);
int __udmabuf_create(int device, int memfd, size_t size);
int __heap_allocate(int device, size_t size, int access);

#endif
