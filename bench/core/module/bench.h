/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The doors between the files of the benchmark's kernel half.
 */
#ifndef _BENCH_H_
#define _BENCH_H_

#include <linux/dma-buf.h>

#include "bench-uapi.h"

/* mock.c */
extern const struct dma_buf_attach_ops bench_importer_ops;

int bench_mock_init(void);
void bench_mock_fini(void);
struct dma_buf *bench_mock_export(enum bench_exporter exporter);
int bench_mock_set_fences(struct dma_buf *dmabuf, unsigned int count, bool signalled);

/* cases.c */
int bench_case_run(struct bench_run *run, struct device *dev);

#endif /* _BENCH_H_ */
