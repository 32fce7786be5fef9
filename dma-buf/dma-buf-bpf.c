// SPDX-License-Identifier: GPL-2.0-only

#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/init.h>
#include <linux/seq_file.h>

#include "dma-buf-private.h"

/**
 * DOC: BPF programs that walk all buffers
 *
 * A window: root may run a BPF program for every live buffer, either as an
 * iterator whose output is read from a file (target "dmabuf"), or from within
 * any program that may sleep, with bpf_for_each(dmabuf, ...).  Both see the
 * kernel's own struct dma_buf, so a program picks what it wants to know.  This
 * replaces the statistics in sysfs.
 *
 * Tested by igt-tests/dmabuf_bpf_iter.c.
 */

/*
 * What the iterator's program gets: the reader's file and the buffer, which is
 * NULL once, after the last one.
 */
struct bpf_iter__dmabuf {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(struct dma_buf *, dmabuf);
};

DEFINE_BPF_ITER_FUNC(dmabuf, struct bpf_iter_meta *meta, struct dma_buf *dmabuf)

static void *bpf_dmabuf_seq_start(struct seq_file *seq, loff_t *pos)
{
	return dma_buf_cursor_seek(seq->private, *pos);
}

static void *bpf_dmabuf_seq_next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return dma_buf_cursor_next(seq->private);
}

static int bpf_dmabuf_run(struct seq_file *seq, struct dma_buf *dmabuf, bool in_stop)
{
	struct bpf_iter_meta meta = { .seq = seq };
	struct bpf_iter__dmabuf ctx = { .meta = &meta, .dmabuf = dmabuf };
	struct bpf_prog *prog = bpf_iter_get_info(&meta, in_stop);

	return prog ? bpf_iter_run_prog(prog, &ctx) : 0;
}

static int bpf_dmabuf_seq_show(struct seq_file *seq, void *v)
{
	return bpf_dmabuf_run(seq, v, false);
}

static void bpf_dmabuf_seq_stop(struct seq_file *seq, void *v)
{
	/* The cursor keeps its place for the next read(). */
	dma_buf_cursor_pause(seq->private);
	if (!v)
		bpf_dmabuf_run(seq, NULL, true);
}

static const struct seq_operations bpf_dmabuf_seq_ops = {
	.start	= bpf_dmabuf_seq_start,
	.next	= bpf_dmabuf_seq_next,
	.stop	= bpf_dmabuf_seq_stop,
	.show	= bpf_dmabuf_seq_show,
};

static void bpf_dmabuf_fini_seq(void *cursor)
{
	dma_buf_cursor_fini(cursor);
}

static const struct bpf_iter_seq_info bpf_dmabuf_seq_info = {
	.seq_ops		= &bpf_dmabuf_seq_ops,
	.fini_seq_private	= bpf_dmabuf_fini_seq,
	.seq_priv_size		= sizeof(struct dma_buf_cursor),
};

static void bpf_dmabuf_show_fdinfo(const struct bpf_iter_aux_info *aux,
				   struct seq_file *seq)
{
	seq_puts(seq, "dmabuf iter\n");
}

static struct bpf_iter_reg bpf_dmabuf_reg = {
	.target			= "dmabuf",
	.feature		= BPF_ITER_RESCHED,
	.show_fdinfo		= bpf_dmabuf_show_fdinfo,
	.ctx_arg_info_size	= 1,
	.ctx_arg_info		= {
		{ offsetof(struct bpf_iter__dmabuf, dmabuf),
		  PTR_TO_BTF_ID_OR_NULL | PTR_TRUSTED },
	},
	.seq_info		= &bpf_dmabuf_seq_info,
};

/* The iterator as BPF programs hold it, opaque to them. */
struct bpf_iter_dmabuf {
	__u64 __opaque[1];
} __aligned(8);

/**
 * struct bpf_iter_dmabuf_kern - the same as we see it
 * @dmabuf: the buffer where the iterator is, or NULL
 */
struct bpf_iter_dmabuf_kern {
	struct dma_buf *dmabuf;
} __aligned(8);

__bpf_kfunc_start_defs();

/**
 * bpf_iter_dmabuf_new - start to walk all buffers in a BPF program
 * @it: the iterator
 *
 * Return: 0.
 */
__bpf_kfunc int bpf_iter_dmabuf_new(struct bpf_iter_dmabuf *it)
{
	struct bpf_iter_dmabuf_kern *iter = (void *)it;

	BUILD_BUG_ON(sizeof(*iter) > sizeof(*it));
	BUILD_BUG_ON(__alignof__(*iter) != __alignof__(*it));

	iter->dmabuf = NULL;
	return 0;
}

/**
 * bpf_iter_dmabuf_next - go on to the next buffer
 * @it: the iterator, which holds a reference on the buffer
 *
 * Return: the buffer, or NULL at the end.
 */
__bpf_kfunc struct dma_buf *bpf_iter_dmabuf_next(struct bpf_iter_dmabuf *it)
{
	struct bpf_iter_dmabuf_kern *iter = (void *)it;

	if (iter->dmabuf)
		iter->dmabuf = dma_buf_iter_next(iter->dmabuf);
	else
		iter->dmabuf = dma_buf_iter_begin();

	return iter->dmabuf;
}

/**
 * bpf_iter_dmabuf_destroy - stop walking
 * @it: the iterator
 */
__bpf_kfunc void bpf_iter_dmabuf_destroy(struct bpf_iter_dmabuf *it)
{
	struct bpf_iter_dmabuf_kern *iter = (void *)it;

	if (iter->dmabuf)
		dma_buf_put(iter->dmabuf);
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(bpf_dmabuf_kfuncs)
BTF_ID_FLAGS(func, bpf_iter_dmabuf_new, KF_ITER_NEW | KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_iter_dmabuf_next, KF_ITER_NEXT | KF_RET_NULL | KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_iter_dmabuf_destroy, KF_ITER_DESTROY | KF_SLEEPABLE)
BTF_KFUNCS_END(bpf_dmabuf_kfuncs)

static const struct btf_kfunc_id_set bpf_dmabuf_kfunc_set = {
	.owner	= THIS_MODULE,
	.set	= &bpf_dmabuf_kfuncs,
};

BTF_ID_LIST_SINGLE(bpf_dmabuf_btf_id, struct, dma_buf)

static int __init bpf_dmabuf_init(void)
{
	int ret;

	ret = register_btf_kfunc_id_set(BPF_PROG_TYPE_UNSPEC, &bpf_dmabuf_kfunc_set);
	if (ret)
		return ret;

	bpf_dmabuf_reg.ctx_arg_info[0].btf_id = bpf_dmabuf_btf_id[0];
	return bpf_iter_reg_target(&bpf_dmabuf_reg);
}
late_initcall(bpf_dmabuf_init);
