// SPDX-License-Identifier: GPL-2.0-only
/*
 * All dma-bufs, one line each, as a file:
 *
 *	bpftool iter pin dmabufs.bpf.o /sys/fs/bpf/dmabufs
 *	cat /sys/fs/bpf/dmabufs
 *
 * The kernel runs this program once for every buffer, and once more at the end.
 */
#include "row.h"

char LICENSE[] SEC("license") = "GPL";

SEC("iter/dmabuf")
int dmabufs(struct bpf_iter__dmabuf *ctx)
{
	struct dma_buf *dmabuf = ctx->dmabuf;

	if (dmabuf)
		print_row(ctx->meta->seq, dmabuf);
	return 0;
}
