// SPDX-License-Identifier: GPL-2.0-only

#include <linux/ctype.h>
#include <linux/kstrtox.h>
#include <linux/lockdep.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "vprime_device.h"
#include "vprime_folder.h"

/**
 * DOC: What a GPU is made like, as people see it
 *
 * This room owns the attributes in the folder of a GPU. They tell and change its configuration,
 * which stays one that vprime_config_check() accepts, and cannot change while the GPU is enabled.
 *
 * What each attribute means stands in docs/configfs.rst. Tested by tests/vprime_configfs_test.c.
 */

/* The folder takes the changed configuration, or stays as it is. */
static int edit_commit_config(const struct vprime_edit *edit)
{
	struct vprime_folder *folder = edit->folder;
	int ret;

	lockdep_assert_held(&folder->lock);
	if (folder->vdev)
		return -EBUSY;

	ret = vprime_config_check(&edit->config);
	if (ret)
		return ret;

	folder->config = edit->config;
	return 0;
}

static struct vprime_config read_config(struct config_item *item)
{
	struct vprime_folder *folder = to_folder(item);

	guard(mutex)(&folder->lock);
	return folder->config;
}

/* Bytes, with k, M or G for powers of 1024. Unlike memparse() it tells what is too big. */
static int parse_bytes(const char *text, u64 *bytes)
{
	static const char units[] = "kmg";
	size_t digits = strcspn(text, "kKmMgG\n");
	const char *rest = text + digits;
	unsigned int shift = 0;
	char number[24];
	u64 value;
	int ret;

	if (digits >= sizeof(number))
		return -EINVAL;
	strscpy(number, text, digits + 1);
	ret = kstrtou64(number, 0, &value);
	if (ret)
		return ret;

	if (*rest && *rest != '\n')
		shift = 10 * (strchr(units, tolower(*rest++)) - units + 1);
	if (*rest && strcmp(rest, "\n"))
		return -EINVAL;

	return check_shl_overflow(value, shift, bytes) ? -ERANGE : 0;
}

static ssize_t vprime_enabled_show(struct config_item *item, char *page)
{
	struct vprime_folder *folder = to_folder(item);

	guard(mutex)(&folder->lock);
	return sysfs_emit(page, "%d\n", !!folder->vdev);
}

static ssize_t vprime_enabled_store(struct config_item *item, const char *text, size_t len)
{
	struct vprime_folder *folder = to_folder(item);
	bool enabled;
	int ret;

	ret = kstrtobool(text, &enabled);
	if (ret)
		return ret;

	guard(mutex)(&folder->lock);
	if (enabled)
		ret = vprime_folder_enable(folder);
	else
		vprime_folder_disable(folder);
	return ret ?: len;
}

static ssize_t vprime_device_show(struct config_item *item, char *page)
{
	struct vprime_folder *folder = to_folder(item);

	guard(mutex)(&folder->lock);
	return folder->vdev ? sysfs_emit(page, "%s\n", vprime_device_name(folder->vdev)) : 0;
}

static ssize_t vprime_vram_size_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", read_config(item).vram_size);
}

/* The limit goes with it: a smaller size would be refused else. */
static ssize_t vprime_vram_size_store(struct config_item *item, const char *text, size_t len)
{
	CLASS(vprime_edit, edit)(to_folder(item));
	int ret = parse_bytes(text, &edit.config.vram_size);

	edit.config.pin_limit = edit.config.vram_size / 2;
	return ret ?: edit_commit_config(&edit) ?: len;
}

static ssize_t vprime_pin_limit_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", read_config(item).pin_limit);
}

static ssize_t vprime_pin_limit_store(struct config_item *item, const char *text, size_t len)
{
	CLASS(vprime_edit, edit)(to_folder(item));

	return parse_bytes(text, &edit.config.pin_limit) ?: edit_commit_config(&edit) ?: len;
}

static ssize_t vprime_heads_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", read_config(item).heads);
}

static ssize_t vprime_heads_store(struct config_item *item, const char *text, size_t len)
{
	CLASS(vprime_edit, edit)(to_folder(item));

	return kstrtou32(text, 0, &edit.config.heads) ?: edit_commit_config(&edit) ?: len;
}

static ssize_t vprime_cursor_hotspot_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", read_config(item).cursor_hotspot);
}

static ssize_t vprime_cursor_hotspot_store(struct config_item *item, const char *text, size_t len)
{
	CLASS(vprime_edit, edit)(to_folder(item));

	return kstrtobool(text, &edit.config.cursor_hotspot) ?: edit_commit_config(&edit) ?: len;
}

static ssize_t vprime_render_node_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", read_config(item).render_node);
}

static ssize_t vprime_render_node_store(struct config_item *item, const char *text, size_t len)
{
	CLASS(vprime_edit, edit)(to_folder(item));

	return kstrtobool(text, &edit.config.render_node) ?: edit_commit_config(&edit) ?: len;
}

static ssize_t vprime_fbdev_peer_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n", read_config(item).fbdev_peer);
}

static ssize_t vprime_fbdev_peer_store(struct config_item *item, const char *text, size_t len)
{
	CLASS(vprime_edit, edit)(to_folder(item));
	size_t name_len = strcspn(text, "\n");

	if (name_len >= VPRIME_NAME_LEN || name_len + 1 < len)
		return -EINVAL;
	strscpy(edit.config.fbdev_peer, text, name_len + 1);
	return edit_commit_config(&edit) ?: len;
}

static ssize_t vprime_p2p_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", read_config(item).p2p);
}

static ssize_t vprime_p2p_store(struct config_item *item, const char *text, size_t len)
{
	CLASS(vprime_edit, edit)(to_folder(item));

	return kstrtobool(text, &edit.config.p2p) ?: edit_commit_config(&edit) ?: len;
}

static ssize_t vprime_dma_mask_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", read_config(item).dma_bits);
}

static ssize_t vprime_dma_mask_store(struct config_item *item, const char *text, size_t len)
{
	CLASS(vprime_edit, edit)(to_folder(item));

	return kstrtou32(text, 0, &edit.config.dma_bits) ?: edit_commit_config(&edit) ?: len;
}

static ssize_t vprime_engine_speed_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", read_config(item).engine_speed);
}

static ssize_t vprime_engine_speed_store(struct config_item *item, const char *text, size_t len)
{
	CLASS(vprime_edit, edit)(to_folder(item));

	return parse_bytes(text, &edit.config.engine_speed) ?: edit_commit_config(&edit) ?: len;
}

static ssize_t vprime_engine_latency_us_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", read_config(item).engine_latency_us);
}

static ssize_t vprime_engine_latency_us_store(struct config_item *item, const char *text,
					      size_t len)
{
	CLASS(vprime_edit, edit)(to_folder(item));

	return kstrtou32(text, 0, &edit.config.engine_latency_us) ?:
		edit_commit_config(&edit) ?: len;
}

static ssize_t vprime_job_timeout_ms_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", read_config(item).job_timeout_ms);
}

static ssize_t vprime_job_timeout_ms_store(struct config_item *item, const char *text, size_t len)
{
	CLASS(vprime_edit, edit)(to_folder(item));

	return kstrtou32(text, 0, &edit.config.job_timeout_ms) ?: edit_commit_config(&edit) ?: len;
}

static ssize_t vprime_poison_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", read_config(item).poison);
}

static ssize_t vprime_poison_store(struct config_item *item, const char *text, size_t len)
{
	CLASS(vprime_edit, edit)(to_folder(item));

	return kstrtobool(text, &edit.config.poison) ?: edit_commit_config(&edit) ?: len;
}

CONFIGFS_ATTR(vprime_, enabled);
CONFIGFS_ATTR_RO(vprime_, device);
CONFIGFS_ATTR(vprime_, vram_size);
CONFIGFS_ATTR(vprime_, pin_limit);
CONFIGFS_ATTR(vprime_, heads);
CONFIGFS_ATTR(vprime_, cursor_hotspot);
CONFIGFS_ATTR(vprime_, render_node);
CONFIGFS_ATTR(vprime_, fbdev_peer);
CONFIGFS_ATTR(vprime_, p2p);
CONFIGFS_ATTR(vprime_, dma_mask);
CONFIGFS_ATTR(vprime_, engine_speed);
CONFIGFS_ATTR(vprime_, engine_latency_us);
CONFIGFS_ATTR(vprime_, job_timeout_ms);
CONFIGFS_ATTR(vprime_, poison);

struct configfs_attribute *vprime_attributes[] = {
	&vprime_attr_enabled,
	&vprime_attr_device,
	&vprime_attr_vram_size,
	&vprime_attr_pin_limit,
	&vprime_attr_heads,
	&vprime_attr_cursor_hotspot,
	&vprime_attr_render_node,
	&vprime_attr_fbdev_peer,
	&vprime_attr_p2p,
	&vprime_attr_dma_mask,
	&vprime_attr_engine_speed,
	&vprime_attr_engine_latency_us,
	&vprime_attr_job_timeout_ms,
	&vprime_attr_poison,
	NULL
};
