// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two BPF programs that walk all dma-bufs: an iterator that prints a line for
 * each, and one that is run by hand and counts them.  The types are the
 * kernel's as far as they are used here; the loader finds where their fields
 * are in the kernel it runs on.
 */
#define SEC(name) __attribute__((section(name), used))
#define PRESERVE __attribute__((preserve_access_index))
#define KSYM __attribute__((section(".ksyms")))

typedef unsigned long long u64;
typedef unsigned int u32;

struct seq_file;

struct inode {
	unsigned long i_ino;
} PRESERVE;

struct file {
	struct inode *f_inode;
} PRESERVE;

struct dma_buf {
	unsigned long size;
	struct file *file;
	const char *exp_name;
} PRESERVE;

struct bpf_iter_meta {
	struct seq_file *seq;
} PRESERVE;

struct bpf_iter__dmabuf {
	struct bpf_iter_meta *meta;
	struct dma_buf *dmabuf;
} PRESERVE;

struct bpf_iter_dmabuf {
	u64 opaque[1];
};

/* Helpers by their numbers, which are ABI. */
static long (*probe_read_kernel_str)(void *dst, u32 size, const void *unsafe) = (void *)115;
static long (*seq_printf)(struct seq_file *seq, const char *format, u32 size,
			  const void *data, u32 data_size) = (void *)126;

extern int bpf_iter_dmabuf_new(struct bpf_iter_dmabuf *it) KSYM;
extern struct dma_buf *bpf_iter_dmabuf_next(struct bpf_iter_dmabuf *it) KSYM;
extern void bpf_iter_dmabuf_destroy(struct bpf_iter_dmabuf *it) KSYM;

static const char row[] = "%lu %lu %s\n";

SEC("iter/dmabuf")
int list_dmabufs(struct bpf_iter__dmabuf *ctx)
{
	struct dma_buf *dmabuf = ctx->dmabuf;
	char exp_name[64] = "";
	u64 args[3];

	/* Called once more when there are no more. */
	if (!dmabuf)
		return 0;

	probe_read_kernel_str(exp_name, sizeof(exp_name), dmabuf->exp_name);
	args[0] = dmabuf->file->f_inode->i_ino;
	args[1] = dmabuf->size;
	args[2] = (u64)exp_name;
	seq_printf(ctx->meta->seq, row, sizeof(row), args, sizeof(args));
	return 0;
}

SEC("syscall")
int count_dmabufs(void *ctx)
{
	struct bpf_iter_dmabuf it;
	int count = 0;

	bpf_iter_dmabuf_new(&it);
	while (bpf_iter_dmabuf_next(&it))
		count++;
	bpf_iter_dmabuf_destroy(&it);
	return count;
}

char _license[] SEC("license") = "GPL";
