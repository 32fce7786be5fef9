/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few members of kernel structures that our programs look at.  Where they
 * lie in the running kernel the loader finds out from its BTF, so that neither
 * a generated header nor the kernel's own is needed.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	long counter;
} atomic_long_t;

struct list_head {
	struct list_head *next;
};

struct kobject {
	const char *name;
};

struct device_driver {
	const char *name;
};

struct bus_type {
	const char *name;
};

struct class {
	const char *name;
};

struct device {
	struct kobject kobj;
	const char *init_name;
	const struct bus_type *bus;
	struct device_driver *driver;
	const struct class *class;
};

struct inode {
	unsigned long i_ino;
};

struct file {
	atomic_long_t f_count;
	struct inode *f_inode;
};

struct dma_buf_attach_ops;

struct dma_buf_attachment {
	struct device *dev;
	struct list_head node;
	bool peer2peer;
	const struct dma_buf_attach_ops *importer_ops;
	unsigned int db_pins;
	unsigned int db_maps;
};

struct dma_buf {
	unsigned long size;
	struct file *file;
	struct list_head attachments;
	const char *exp_name;
	const char *name;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
};

struct bpf_iter__dmabuf {
	struct bpf_iter_meta *meta;
	struct dma_buf *dmabuf;
};

#pragma clang attribute pop

/* Opaque: only the kernel's functions touch what is inside. */
struct bpf_iter_dmabuf {
	__u64 __opaque[1];
} __attribute__((aligned(8)));

#endif
