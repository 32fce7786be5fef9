// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_connector.h"

#include <linux/slab.h>

#include <drm/drm_atomic_helper.h>
#include <drm/drm_atomic_state_helper.h>
#include <drm/drm_edid.h>
#include <drm/drm_managed.h>
#include <drm/drm_modeset_helper_vtables.h>
#include <drm/drm_probe_helper.h>

#include "vprime_edid.h"
#include "vprime_gpu.h"

/**
 * DOC: A connector
 *
 * Where a monitor is plugged in: what it tells of itself, and that it comes and goes.
 */

#define WIDTH_PREFERRED 1024
#define HEIGHT_PREFERRED 768
/* Of refresh rates in Hz: with less, there is nothing to vary. */
#define VRR_RANGE_MIN 10

static struct vprime_connector *to_vprime_connector(struct drm_connector *connector)
{
	return container_of(connector, struct vprime_connector, base);
}

static enum drm_connector_status vprime_connector_detect(struct drm_connector *connector,
							 bool force)
{
	struct vprime_connector *vconn = to_vprime_connector(connector);

	guard(mutex)(&vconn->lock);
	return vconn->monitor.status;
}

static const struct drm_connector_funcs vprime_connector_funcs = {
	.reset			= drm_atomic_helper_connector_reset,
	.detect			= vprime_connector_detect,
	.fill_modes		= drm_helper_probe_single_connector_modes,
	.atomic_duplicate_state	= drm_atomic_helper_connector_duplicate_state,
	.atomic_destroy_state	= drm_atomic_helper_connector_destroy_state,
};

/**
 * struct edid_source - an EDID that DRM reads block by block
 * @data: all of it
 * @len: bytes
 */
struct edid_source {
	const u8 *data;
	size_t len;
};

static int read_edid_block(void *context, u8 *buf, unsigned int block, size_t len)
{
	const struct edid_source *source = context;
	size_t offset = block * (size_t)EDID_LENGTH;

	if (offset + len > source->len)
		return -EINVAL;
	memcpy(buf, source->data + offset, len);
	return 0;
}

/* NULL if the monitor does not tell, or what a test has told DRM to believe. */
static const struct drm_edid *read_edid(struct vprime_connector *vconn)
{
	u8 standard[VPRIME_EDID_DEFAULT_SIZE];
	struct edid_source source;

	guard(mutex)(&vconn->lock);
	if (vconn->monitor.edid) {
		source.data = vconn->monitor.edid;
		source.len = vconn->monitor.edid_len;
	} else {
		vprime_edid_init_default(standard, vconn->index);
		source.data = standard;
		source.len = sizeof(standard);
	}
	if (vconn->monitor.no_edid)
		source.len = 0;
	return drm_edid_read_custom(&vconn->base, read_edid_block, &source);
}

static bool can_vary(const struct drm_connector *connector)
{
	const struct drm_monitor_range_info *range = &connector->display_info.monitor_range;

	return range->min_vfreq && range->max_vfreq >= range->min_vfreq + VRR_RANGE_MIN;
}

static int add_modes_of_no_edid(struct drm_connector *connector)
{
	const struct drm_mode_config *config = &connector->dev->mode_config;
	int count = drm_add_modes_noedid(connector, config->max_width, config->max_height);

	drm_set_preferred_mode(connector, WIDTH_PREFERRED, HEIGHT_PREFERRED);
	return count;
}

static int vprime_connector_get_modes(struct drm_connector *connector)
{
	const struct drm_edid *edid = read_edid(to_vprime_connector(connector));
	int count;

	drm_edid_connector_update(connector, edid);
	count = drm_edid_connector_add_modes(connector);
	drm_edid_free(edid);
	drm_connector_set_vrr_capable_property(connector, can_vary(connector));
	return count ?: add_modes_of_no_edid(connector);
}

static const struct drm_connector_helper_funcs vprime_connector_helper_funcs = {
	.get_modes = vprime_connector_get_modes,
};

static void connector_fini(struct drm_device *drm, void *data)
{
	struct vprime_connector *vconn = data;

	vprime_monitor_fini(&vconn->monitor);
	mutex_destroy(&vconn->lock);
}

/**
 * vprime_connector_create - make a connector
 * @gpu: whose; owns it
 * @index: of the connector
 * @config: what it is like
 * @monitor: what is plugged in; copied
 *
 * Context: may sleep and allocate.
 * Return: the connector, or ERR_PTR(-ENOMEM).
 */
struct vprime_connector *vprime_connector_create(struct vprime_gpu *gpu, unsigned int index,
						 const struct vprime_connector_config *config,
						 const struct vprime_monitor *monitor)
{
	struct drm_device *drm = &gpu->drm;
	struct vprime_connector *vconn;
	int ret;

	vconn = drmm_kzalloc(drm, sizeof(*vconn), GFP_KERNEL);
	if (!vconn)
		return ERR_PTR(-ENOMEM);
	vconn->index = index;
	mutex_init(&vconn->lock);
	ret = vprime_monitor_copy(&vconn->monitor, monitor);
	if (ret)
		return ERR_PTR(ret);
	ret = drmm_add_action_or_reset(drm, connector_fini, vconn);
	if (ret)
		return ERR_PTR(ret);

	ret = drmm_connector_init(drm, &vconn->base, &vprime_connector_funcs, config->type, NULL);
	if (ret)
		return ERR_PTR(ret);
	drm_connector_helper_add(&vconn->base, &vprime_connector_helper_funcs);
	vconn->base.polled = DRM_CONNECTOR_POLL_HPD;
	/* Else the first who probes it would find that it has changed. */
	vconn->base.status = monitor->status;
	/* DRM expects none of a virtual connector. */
	if (config->type == DRM_MODE_CONNECTOR_VIRTUAL)
		drm_connector_attach_edid_property(&vconn->base);
	ret = drm_connector_attach_vrr_capable_property(&vconn->base);
	return ret ? ERR_PTR(ret) : vconn;
}

/* Programs that are told of a change read sysfs, which has what DRM found last. */
static void update_status(struct vprime_connector *vconn)
{
	struct drm_connector *connector = &vconn->base;

	guard(mutex)(&connector->dev->mode_config.mutex);
	/* A status that a user has forced stays. */
	if (!connector->force)
		connector->status = vprime_connector_detect(connector, false);
	connector->epoch_counter++;
}

/**
 * vprime_connector_set_monitor - plug another monitor in
 * @gpu: at this GPU
 * @index: into this connector
 * @monitor: another one, or one that is not there; copied
 *
 * The connector's status in sysfs changes and user space is told, unless that gets lost; then both
 * happen when user space probes the connector.
 *
 * Context: may sleep and allocate. No modeset lock is held.
 * Return: 0; -ENOENT if there is no such connector; -ENOMEM. On failure nothing has changed.
 */
int vprime_connector_set_monitor(struct vprime_gpu *gpu, unsigned int index,
				 const struct vprime_monitor *monitor)
{
	struct vprime_monitor copy = { };
	struct vprime_connector *vconn;
	int ret;

	if (index >= gpu->config.topology.num_connectors)
		return -ENOENT;
	vconn = gpu->connectors[index];

	ret = vprime_monitor_copy(&copy, monitor);
	if (ret)
		return ret;
	scoped_guard(mutex, &vconn->lock)
		swap(vconn->monitor, copy);
	vprime_monitor_fini(&copy);

	/* User space has to set a mode anew, which is what mends the link. */
	if (monitor->bad_link)
		drm_connector_set_link_status_property(&vconn->base, DRM_MODE_LINK_STATUS_BAD);
	if (READ_ONCE(gpu->faults.lost_hotplug))
		return 0;
	update_status(vconn);
	drm_kms_helper_connector_hotplug_event(&vconn->base);
	return 0;
}
