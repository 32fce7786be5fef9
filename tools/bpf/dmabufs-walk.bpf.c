// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same lines as dmabufs.bpf.c, from a program that walks the buffers
 * itself, with the kernel's functions bpf_iter_dmabuf_new/next/destroy.  Any
 * program that may sleep can do so; this one is an iterator as well, for it
 * needs a file to print to, and walks when the kernel calls it for the end.
 */
#include "row.h"

char LICENSE[] SEC("license") = "GPL";

extern int bpf_iter_dmabuf_new(struct bpf_iter_dmabuf *it) __ksym;
extern struct dma_buf *bpf_iter_dmabuf_next(struct bpf_iter_dmabuf *it) __ksym;
extern void bpf_iter_dmabuf_destroy(struct bpf_iter_dmabuf *it) __ksym;

SEC("iter.s/dmabuf")
int dmabufs_walk(struct bpf_iter__dmabuf *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct bpf_iter_dmabuf it;
	struct dma_buf *dmabuf;

	if (ctx->dmabuf)
		return 0;

	bpf_iter_dmabuf_new(&it);
	while ((dmabuf = bpf_iter_dmabuf_next(&it)))
		print_row(seq, dmabuf);
	bpf_iter_dmabuf_destroy(&it);
	return 0;
}
