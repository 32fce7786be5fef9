/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_PM_H_
#define _VPRIME_PM_H_

struct vprime_gpu;

int vprime_pm_prepare(struct vprime_gpu *gpu);
void vprime_pm_suspend(struct vprime_gpu *gpu);
void vprime_pm_resume(struct vprime_gpu *gpu);
void vprime_pm_complete(struct vprime_gpu *gpu);

#endif
