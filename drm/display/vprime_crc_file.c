// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_crc_file.h"

#include <linux/circ_buf.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include <drm/drm_crtc.h>
#include <drm/drm_debugfs_crc.h>
#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_modeset_lock.h>

#include "vprime_crtc.h"

/**
 * DOC: The file of CRCs
 *
 * crc/data in the debugfs folder of a CRTC. DRM makes one, whose release function uses the CRTC
 * although nothing keeps the CRTC until then, and whose readers sleep until there is a CRC, which
 * removing the file waits for. GPUs of this driver come and go, so the file is replaced by this one
 * with the same content: it holds its device and this module while it is open, and its readers get
 * ENODEV when the GPU is unplugged. The entries are those of &struct drm_crtc_crc, to which
 * drm_crtc_add_crc_entry() adds, and crc/control remains DRM's.
 *
 * Tested by kms_unplug in igt-tests/.
 */

/* Number of the vblank, one CRC, the end of the line and, as in DRM's file, a zero. */
#define LINE_BYTES sizeof("0x00000000 0x00000000\n")

static int crc_count(const struct drm_crtc_crc *crc)
{
	lockdep_assert_held(&crc->lock);

	return CIRC_CNT(crc->head, crc->tail, DRM_CRC_ENTRIES_NR);
}

static int check_active(struct drm_crtc *crtc)
{
	int ret = drm_modeset_lock_single_interruptible(&crtc->mutex);

	if (ret)
		return ret;
	if (!crtc->state->active)
		ret = -EIO;
	drm_modeset_unlock(&crtc->mutex);
	return ret;
}

/* There is one reader at a time. @entries are the CRTC's from now on, if this succeeds. */
static int crc_begin(struct vprime_crtc *vcrtc, struct drm_crtc_crc_entry *entries)
{
	struct drm_crtc_crc *crc = &vcrtc->base.crc;
	int ret = 0;

	spin_lock_irq(&crc->lock);
	if (vcrtc->crc_closed) {
		ret = -ENODEV;
	} else if (crc->opened) {
		ret = -EBUSY;
	} else {
		crc->opened = true;
		crc->entries = entries;
		crc->values_cnt = 1;
	}
	spin_unlock_irq(&crc->lock);
	return ret;
}

static void crc_end(struct drm_crtc_crc *crc)
{
	struct drm_crtc_crc_entry *entries;

	spin_lock_irq(&crc->lock);
	entries = crc->entries;
	crc->entries = NULL;
	crc->head = 0;
	crc->tail = 0;
	crc->values_cnt = 0;
	crc->overflow = false;
	crc->opened = false;
	spin_unlock_irq(&crc->lock);
	kfree(entries);
}

static int crc_start(struct drm_crtc *crtc)
{
	struct drm_crtc_crc_entry *entries;
	int ret;

	entries = kcalloc(DRM_CRC_ENTRIES_NR, sizeof(*entries), GFP_KERNEL_ACCOUNT);
	if (!entries)
		return -ENOMEM;
	ret = crc_begin(to_vprime_crtc(crtc), entries);
	if (ret) {
		kfree(entries);
		return ret;
	}
	ret = crtc->funcs->set_crc_source(crtc, crtc->crc.source);
	if (ret)
		crc_end(&crtc->crc);
	return ret;
}

static int crc_file_open(struct inode *inode, struct file *file)
{
	struct drm_crtc *crtc = inode->i_private;
	int ret;

	ret = check_active(crtc);
	if (!ret)
		ret = crc_start(crtc);
	if (ret)
		return ret;

	/* What removed files had as private data of their inodes is not to be used any more. */
	file->private_data = crtc;
	drm_dev_get(crtc->dev);
	return 0;
}

static bool crc_is_readable(const struct vprime_crtc *vcrtc)
{
	return vcrtc->crc_closed || crc_count(&vcrtc->base.crc);
}

static int wait_for_crc(struct vprime_crtc *vcrtc, bool nonblock)
{
	struct drm_crtc_crc *crc = &vcrtc->base.crc;
	int ret;

	lockdep_assert_held(&crc->lock);

	if (nonblock && !crc_is_readable(vcrtc))
		return -EAGAIN;
	ret = wait_event_interruptible_lock_irq(crc->wq, crc_is_readable(vcrtc), crc->lock);
	if (ret)
		return ret;
	return vcrtc->crc_closed ? -ENODEV : 0;
}

static int take_crc(struct vprime_crtc *vcrtc, bool nonblock, struct drm_crtc_crc_entry *entry)
{
	struct drm_crtc_crc *crc = &vcrtc->base.crc;
	int ret;

	spin_lock_irq(&crc->lock);
	ret = wait_for_crc(vcrtc, nonblock);
	if (!ret) {
		*entry = crc->entries[crc->tail];
		crc->tail = (crc->tail + 1) & (DRM_CRC_ENTRIES_NR - 1);
	}
	spin_unlock_irq(&crc->lock);
	return ret;
}

static ssize_t crc_file_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct drm_crtc_crc_entry entry;
	char line[LINE_BYTES];
	int ret;

	if (count < LINE_BYTES)
		return -EINVAL;
	ret = take_crc(to_vprime_crtc(file->private_data), file->f_flags & O_NONBLOCK, &entry);
	if (ret)
		return ret;
	snprintf(line, sizeof(line), "0x%08x 0x%08x\n", entry.frame, entry.crcs[0]);
	return copy_to_user(buf, line, LINE_BYTES) ? -EFAULT : LINE_BYTES;
}

static __poll_t crc_file_poll(struct file *file, poll_table *wait)
{
	struct vprime_crtc *vcrtc = to_vprime_crtc(file->private_data);
	struct drm_crtc_crc *crc = &vcrtc->base.crc;
	__poll_t events = 0;

	poll_wait(file, &crc->wq, wait);

	spin_lock_irq(&crc->lock);
	if (vcrtc->crc_closed)
		events = EPOLLHUP;
	else if (crc_count(crc))
		events = EPOLLIN | EPOLLRDNORM;
	spin_unlock_irq(&crc->lock);
	return events;
}

static int crc_file_release(struct inode *inode, struct file *file)
{
	struct drm_crtc *crtc = file->private_data;

	crtc->funcs->set_crc_source(crtc, NULL);
	crc_end(&crtc->crc);
	drm_dev_put(crtc->dev);
	return 0;
}

static const struct file_operations crc_file_fops = {
	.owner		= THIS_MODULE,
	.open		= crc_file_open,
	.read		= crc_file_read,
	.poll		= crc_file_poll,
	.release	= crc_file_release,
};

/**
 * vprime_crc_file_create - replace DRM's file of CRCs
 * @crtc: a CRTC that DRM has just made the files of
 *
 * Context: may sleep and allocate.
 */
void vprime_crc_file_create(struct drm_crtc *crtc)
{
	struct dentry *folder = debugfs_lookup("crc", crtc->debugfs_entry);

	if (!folder)
		return;
	debugfs_lookup_and_remove("data", folder);
	debugfs_create_file("data", 0444, folder, crtc, &crc_file_fops);
	dput(folder);
}

/**
 * vprime_crc_file_close - let nobody wait for a CRC any more
 * @crtc: a CRTC whose files are about to be removed, which waits for those who read them
 *
 * Context: any.
 */
void vprime_crc_file_close(struct drm_crtc *crtc)
{
	struct vprime_crtc *vcrtc = to_vprime_crtc(crtc);
	unsigned long flags;

	spin_lock_irqsave(&crtc->crc.lock, flags);
	vcrtc->crc_closed = true;
	spin_unlock_irqrestore(&crtc->crc.lock, flags);
	wake_up_all(&crtc->crc.wq);
}
