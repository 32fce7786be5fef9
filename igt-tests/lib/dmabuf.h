/* SPDX-License-Identifier: MIT */
/*
 * The dma-buf ioctls.  __x() returns -errno, x() asserts.
 */
#ifndef IGT_TESTS_DMABUF_H
#define IGT_TESTS_DMABUF_H

#include <linux/dma-buf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DMABUF_NAME_BYTES 32	/* with the NUL */

int __dmabuf_sync(int fd, uint64_t flags);
void dmabuf_sync(int fd, uint64_t flags);

int __dmabuf_set_name(int fd, const char *name);
void dmabuf_set_name(int fd, const char *name);

/* A sync_file of the fences an access of this kind has to wait for. */
int __dmabuf_export_sync_file(int fd, uint32_t flags);
int dmabuf_export_sync_file(int fd, uint32_t flags);
int __dmabuf_import_sync_file(int fd, uint32_t flags, int sync_file);
void dmabuf_import_sync_file(int fd, uint32_t flags, int sync_file);

/* poll() without waiting says that all fences in the way have signalled. */
bool dmabuf_readable(int fd);
bool dmabuf_writable(int fd);

/* How often drivers have broken a rule of the contract since boot. */
unsigned long long dmabuf_breaches(const char *rule);

ino_t dmabuf_ino(int fd);
/* Both descriptors lead to one struct file. */
bool dmabuf_same_file(int a, int b);

void *dmabuf_mmap(int fd, size_t size, int prot);
void dmabuf_munmap(void *at, size_t size);
void close_fd(int fd);

#endif
