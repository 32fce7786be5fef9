// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_pm.h"

#include <kunit/visibility.h>

#include "vprime_chaos.h"
#include "vprime_engine.h"
#include "vprime_fbdev.h"
#include "vprime_gpu.h"
#include "vprime_kms.h"
#include "vprime_ttm.h"

/**
 * DOC: Sleep
 *
 * A GPU loses what is in its VRAM when it loses power, so that is brought to system memory before,
 * and its screens go off. For both it needs other GPUs: jobs of importers may still use its
 * buffers, and a screen may wait for a job of a peer. So this is done while all of them are awake,
 * when the system prepares to suspend; engines are stopped in the step after that, started in the
 * first step of waking up, and screens come on in the last.
 *
 * Programs are frozen all the while, so no new jobs come.
 */

/**
 * vprime_pm_prepare - do without power: what needs other GPUs to be awake
 * @gpu: its engines go on
 *
 * Screens go off, and VRAM is emptied. What is pinned stays, and keeps its content, as this VRAM is
 * the system's memory in truth.
 *
 * Context: may sleep and allocate. No dma-resv lock is held.
 * Return: 0; -EBUSY if a flip, or a job with a buffer in VRAM, waits for what does not come; DRM's
 * error if the screens cannot be turned off, or TTM's if what is in VRAM cannot be moved. On
 * failure the GPU goes on.
 */
int vprime_pm_prepare(struct vprime_gpu *gpu)
{
	int ret;

	vprime_fbdev_suspend(gpu);
	ret = vprime_kms_suspend(gpu);
	if (ret)
		goto err_fbdev;
	vprime_chaos_stop(gpu);
	ret = vprime_ttm_empty_vram(gpu);
	if (ret)
		goto err_chaos;
	return 0;

err_chaos:
	vprime_chaos_start(gpu);
	vprime_kms_resume(gpu);
err_fbdev:
	vprime_fbdev_resume(gpu);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_pm_prepare);

/**
 * vprime_pm_suspend - be ready to lose power
 * @gpu: has been through vprime_pm_prepare()
 *
 * The jobs that run end; those that have not begun wait until vprime_pm_resume().
 *
 * Context: may sleep.
 */
void vprime_pm_suspend(struct vprime_gpu *gpu)
{
	vprime_engine_park(&gpu->render.engine);
	vprime_engine_park(&gpu->copy.engine);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_pm_suspend);

/**
 * vprime_pm_resume - the counterpart of vprime_pm_suspend()
 * @gpu: has power again
 *
 * Context: any.
 */
void vprime_pm_resume(struct vprime_gpu *gpu)
{
	vprime_engine_unpark(&gpu->copy.engine);
	vprime_engine_unpark(&gpu->render.engine);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_pm_resume);

/**
 * vprime_pm_complete - the counterpart of vprime_pm_prepare()
 * @gpu: whose screens show again what they showed
 *
 * Context: may sleep and allocate. No dma-resv lock is held.
 */
void vprime_pm_complete(struct vprime_gpu *gpu)
{
	vprime_chaos_start(gpu);
	vprime_kms_resume(gpu);
	vprime_fbdev_resume(gpu);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_pm_complete);
