/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_KMS_H_
#define _VPRIME_KMS_H_

struct vprime_gpu;
struct vprime_monitor;

int vprime_kms_init(struct vprime_gpu *gpu, const struct vprime_monitor *monitors);
void vprime_kms_unplug(struct vprime_gpu *gpu);
int vprime_kms_suspend(struct vprime_gpu *gpu);
void vprime_kms_resume(struct vprime_gpu *gpu);

#endif
