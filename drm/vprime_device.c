// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_device.h"

#include <linux/minmax.h>
#include <linux/platform_device.h>
#include <linux/pm.h>
#include <linux/slab.h>
#include <linux/sprintf.h>

#include "vprime_config.h"
#include "vprime_connector.h"
#include "vprime_gpu.h"
#include "vprime_monitor.h"
#include "vprime_pm.h"

/**
 * DOC: The device
 *
 * A GPU as the driver model sees it: a device on the platform bus, and a driver that binds to it.
 * Whoever made the device holds a &struct vprime_device; the GPU itself comes and goes with the
 * driver, which a user can unbind and bind.
 */

#define DRIVER_NAME "vprime"

/**
 * struct vprime_device - a device on the platform bus
 * @pdev: it
 * @config: what a GPU is made like
 *
 * Under the device's lock:
 * @monitors: what is plugged into each connector
 * @faults: what is to go wrong
 */
struct vprime_device {
	struct platform_device *pdev;
	struct vprime_config config;

	struct vprime_monitor monitors[VPRIME_CONNECTORS_MAX];
	struct vprime_faults faults;
};

static struct vprime_device *pdev_to_vprime(struct platform_device *pdev)
{
	return *(struct vprime_device **)dev_get_platdata(&pdev->dev);
}

static int vprime_device_probe(struct platform_device *pdev)
{
	struct vprime_device *vdev = pdev_to_vprime(pdev);
	struct vprime_gpu *gpu;

	gpu = vprime_gpu_create(&pdev->dev, &vdev->config, vdev->monitors);
	if (IS_ERR(gpu))
		return dev_err_probe(&pdev->dev, PTR_ERR(gpu), "%s could not be made\n",
				     vdev->config.name);

	vprime_gpu_set_faults(gpu, &vdev->faults);
	platform_set_drvdata(pdev, gpu);
	vprime_fbdev_setup(gpu);
	return 0;
}

static void vprime_device_remove(struct platform_device *pdev)
{
	vprime_gpu_unplug(platform_get_drvdata(pdev));
}

static int vprime_device_prepare(struct device *dev)
{
	return vprime_pm_prepare(dev_get_drvdata(dev));
}

static int vprime_device_suspend(struct device *dev)
{
	vprime_pm_suspend(dev_get_drvdata(dev));
	return 0;
}

static int vprime_device_resume(struct device *dev)
{
	vprime_pm_resume(dev_get_drvdata(dev));
	return 0;
}

static void vprime_device_complete(struct device *dev)
{
	vprime_pm_complete(dev_get_drvdata(dev));
}

static const struct dev_pm_ops vprime_device_pm_ops = {
	.prepare	= vprime_device_prepare,
	SYSTEM_SLEEP_PM_OPS(vprime_device_suspend, vprime_device_resume)
	.complete	= vprime_device_complete,
};

static struct platform_driver vprime_platform_driver = {
	.probe	= vprime_device_probe,
	.remove	= vprime_device_remove,
	.driver	= {
		.name	= DRIVER_NAME,
		.pm	= pm_sleep_ptr(&vprime_device_pm_ops),
	},
};

static void free_device(struct vprime_device *vdev)
{
	int i;

	for (i = 0; i < VPRIME_CONNECTORS_MAX; i++)
		vprime_monitor_fini(&vdev->monitors[i]);
	kfree(vdev);
}

static struct vprime_device *alloc_device(const struct vprime_config *config,
					  const struct vprime_monitor *monitors)
{
	struct vprime_device *vdev;
	int i;

	vdev = kzalloc(sizeof(*vdev), GFP_KERNEL);
	if (!vdev)
		return NULL;

	vdev->config = *config;
	for (i = 0; i < VPRIME_CONNECTORS_MAX; i++) {
		if (vprime_monitor_copy(&vdev->monitors[i], &monitors[i])) {
			free_device(vdev);
			return NULL;
		}
	}
	return vdev;
}

/*
 * Each device has the name of its GPU. Programs that look for GPUs take what is behind "platform:"
 * in the modalias for a place on a bus, where two cannot be. The driver's own name then no longer
 * matches, and is told.
 */
static struct platform_device *add_platform_device(struct vprime_device *vdev)
{
	char name[sizeof(DRIVER_NAME ".") + VPRIME_NAME_LEN];
	struct platform_device *pdev;
	int ret;

	snprintf(name, sizeof(name), DRIVER_NAME ".%s", vdev->config.name);
	pdev = platform_device_alloc(name, PLATFORM_DEVID_NONE);
	if (!pdev)
		return ERR_PTR(-ENOMEM);

	ret = platform_device_add_data(pdev, &vdev, sizeof(vdev));
	if (ret)
		goto err_put;
	ret = device_set_driver_override(&pdev->dev, DRIVER_NAME);
	if (ret)
		goto err_put;
	/* From here on it is probed. */
	ret = platform_device_add(pdev);
	if (ret)
		goto err_put;
	return pdev;

err_put:
	platform_device_put(pdev);
	return ERR_PTR(ret);
}

/**
 * vprime_device_create - plug a GPU in
 * @config: what it is made like, which vprime_config_check() has accepted; copied. No other device
 *	has its name
 * @monitors: what is plugged into it, VPRIME_CONNECTORS_MAX of them; copied
 *
 * Context: may sleep and allocate.
 * Return: the device, to be given back with vprime_device_destroy(); ERR_PTR(-ENOMEM);
 * ERR_PTR(-ENODEV) if the GPU could not be made, for the reason that the kernel's log tells.
 */
struct vprime_device *vprime_device_create(const struct vprime_config *config,
					   const struct vprime_monitor *monitors)
{
	struct vprime_device *vdev;

	vdev = alloc_device(config, monitors);
	if (!vdev)
		return ERR_PTR(-ENOMEM);

	vdev->pdev = add_platform_device(vdev);
	if (IS_ERR(vdev->pdev)) {
		int ret = PTR_ERR(vdev->pdev);

		free_device(vdev);
		return ERR_PTR(ret);
	}
	if (!device_is_bound(&vdev->pdev->dev)) {
		vprime_device_destroy(vdev);
		return ERR_PTR(-ENODEV);
	}
	return vdev;
}

/**
 * vprime_device_destroy - pull a GPU out
 * @vdev: the device; who uses it gets ENODEV
 *
 * Context: may sleep.
 */
void vprime_device_destroy(struct vprime_device *vdev)
{
	platform_device_unregister(vdev->pdev);
	free_device(vdev);
}

/**
 * vprime_device_set_faults - let things go wrong from now on
 * @vdev: on which device
 * @faults: which things; copied, and kept if the driver is unbound
 *
 * Context: may sleep.
 */
void vprime_device_set_faults(struct vprime_device *vdev, const struct vprime_faults *faults)
{
	struct device *dev = &vdev->pdev->dev;

	device_lock(dev);
	vdev->faults = *faults;
	if (device_is_bound(dev))
		vprime_gpu_set_faults(dev_get_drvdata(dev), faults);
	device_unlock(dev);
}

/**
 * vprime_device_set_monitor - plug in, pull out, or plug in another
 * @vdev: on which device
 * @connector: on which of its connectors
 * @monitor: what is plugged in now; copied, and kept if the driver is unbound
 *
 * Context: may sleep and allocate.
 * Return: 0, or -ENOMEM, and nothing has changed.
 */
int vprime_device_set_monitor(struct vprime_device *vdev, unsigned int connector,
			      const struct vprime_monitor *monitor)
{
	struct device *dev = &vdev->pdev->dev;
	struct vprime_monitor copy = {};
	int ret;

	ret = vprime_monitor_copy(&copy, monitor);
	if (ret)
		return ret;

	device_lock(dev);
	if (device_is_bound(dev))
		ret = vprime_connector_set_monitor(dev_get_drvdata(dev), connector, monitor);
	if (!ret)
		swap(vdev->monitors[connector], copy);
	device_unlock(dev);

	vprime_monitor_fini(&copy);
	return ret;
}

/**
 * vprime_device_name - what the driver model calls a device
 * @vdev: which
 *
 * Context: any.
 * Return: its name, as long as the device is there.
 */
const char *vprime_device_name(const struct vprime_device *vdev)
{
	return dev_name(&vdev->pdev->dev);
}

/**
 * vprime_device_init - let the driver model know the driver
 *
 * Context: may sleep and allocate.
 * Return: 0 or an error of platform_driver_register().
 */
int vprime_device_init(void)
{
	return platform_driver_register(&vprime_platform_driver);
}

/**
 * vprime_device_exit - the counterpart of vprime_device_init()
 *
 * Context: may sleep.
 */
void vprime_device_exit(void)
{
	platform_driver_unregister(&vprime_platform_driver);
}
