// SPDX-License-Identifier: GPL-2.0-only

#include <linux/dma-resv.h>
#include <linux/export.h>
#include <linux/slab.h>

#include "dma-buf-breach.h"
#include "dma-buf-check.h"
#include "dma-buf-private.h"
#include "dma_buf_trace.h"

/**
 * DOC: The meeting
 *
 * Step 4 of a buffer's life: importers meet it.  This room owns the list of
 * attachments, the count of pins, and the message that the buffer moves.
 *
 * A *static* importer expects the buffer to stay where it is while it has a
 * mapping; a *dynamic* one has &dma_buf_attach_ops.move_notify and follows.
 * Attaching neither maps nor pins: that happens at map time, in dma-buf-map.c,
 * so that an importer that is merely interested costs the exporter nothing.
 *
 * Tested by tests/dma-buf-attach-test.c.
 */

static struct dma_buf_attachment *
dma_buf_attachment_alloc(struct dma_buf *dmabuf, struct device *dev)
{
	struct dma_buf_attachment *attach = kzalloc(sizeof(*attach), GFP_KERNEL);

	if (attach) {
		attach->dmabuf = dmabuf;
		attach->dev = dev;
	}
	return attach;
}

static int dma_buf_attach_ask_exporter(struct dma_buf_attachment *attach)
{
	struct dma_buf *dmabuf = attach->dmabuf;

	return dmabuf->ops->attach ? dmabuf->ops->attach(dmabuf, attach) : 0;
}

static void dma_buf_attach_link(struct dma_buf_attachment *attach)
{
	struct dma_buf *dmabuf = attach->dmabuf;

	dma_buf_lock(dmabuf);
	dma_buf_check_section(dmabuf);
	spin_lock(&dmabuf->db_attach_lock);
	list_add_tail(&attach->node, &dmabuf->attachments);
	spin_unlock(&dmabuf->db_attach_lock);
	dma_resv_unlock(dmabuf->resv);
}

static void dma_buf_attach_unlink(struct dma_buf_attachment *attach)
{
	struct dma_buf *dmabuf = attach->dmabuf;

	dma_resv_assert_held(dmabuf->resv);

	spin_lock(&dmabuf->db_attach_lock);
	list_del(&attach->node);
	spin_unlock(&dmabuf->db_attach_lock);
}

/**
 * dma_buf_dynamic_attach - introduce a device to a buffer
 * @dmabuf: the buffer, on which the importer holds a reference until it detaches
 * @dev: the device that will access it
 * @importer_ops: how the importer follows moves; NULL for a static importer
 * @importer_priv: becomes &dma_buf_attachment.importer_priv
 *
 * A dynamic importer has to be ready when it calls this: its
 * &dma_buf_attach_ops.move_notify may be called before this returns.
 *
 * Context: process context; takes &dma_buf.resv, so it must not be held.
 * Return: the attachment, to be undone by dma_buf_detach(), or an ERR_PTR:
 * -EINVAL for missing arguments or operations without move_notify (reported),
 * -ENOMEM, or what the exporter's attach says; -EBUSY means that the storage
 * cannot be moved to where @dev reaches it.
 */
struct dma_buf_attachment *
dma_buf_dynamic_attach(struct dma_buf *dmabuf, struct device *dev,
		       const struct dma_buf_attach_ops *importer_ops,
		       void *importer_priv)
{
	struct dma_buf_attachment *attach;
	int err;

	if (dma_buf_misuse(!dmabuf || !dev, DMA_BUF_BREACH_ARGUMENT, dmabuf, NULL))
		return ERR_PTR(-EINVAL);
	if (dma_buf_misuse(importer_ops && !importer_ops->move_notify,
			   DMA_BUF_BREACH_IMPORTER_OPS, dmabuf, NULL))
		return ERR_PTR(-EINVAL);

	attach = dma_buf_attachment_alloc(dmabuf, dev);
	if (!attach)
		return ERR_PTR(-ENOMEM);

	attach->importer_ops = importer_ops;
	attach->importer_priv = importer_priv;
	attach->peer2peer = importer_ops && importer_ops->allow_peer2peer;

	err = dma_buf_attach_ask_exporter(attach);
	if (err)
		goto err_free_attach;

	dma_buf_check_attach(attach);
	trace_dma_buf_dynamic_attach(dmabuf, attach,
				     dma_buf_attachment_is_dynamic(attach), dev);

	/* The exporter can notify us from here on. */
	dma_buf_attach_link(attach);
	return attach;

err_free_attach:
	kfree(attach);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_dynamic_attach, DMA_BUF);

/**
 * dma_buf_attach - introduce a device that cannot follow moves
 * @dmabuf: the buffer
 * @dev: the device
 *
 * Context: process context; &dma_buf.resv not held.
 * Return: as dma_buf_dynamic_attach().
 */
struct dma_buf_attachment *dma_buf_attach(struct dma_buf *dmabuf,
					  struct device *dev)
{
	return dma_buf_dynamic_attach(dmabuf, dev, NULL, NULL);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_attach, DMA_BUF);

/* What the importer forgot, the exporter must not suffer from for ever. */
static void dma_buf_attach_drop_leftovers(struct dma_buf_attachment *attach)
{
	struct dma_buf *dmabuf = attach->dmabuf;

	if (attach->db_maps)
		dma_buf_breach(DMA_BUF_BREACH_DETACH_MAPPED, dmabuf, attach,
			       dma_buf_check_mapped_at(attach));
	dma_buf_map_drop_cached(attach);

	if (attach->db_pins && !attach->db_maps)
		dma_buf_breach(DMA_BUF_BREACH_DETACH_PINNED, dmabuf, attach,
			       dma_buf_check_pinned_at(attach));
	while (attach->db_pins)
		dma_buf_attach_unpin(attach);
}

/**
 * dma_buf_detach - end a device's share in a buffer
 * @dmabuf: the buffer
 * @attach: its attachment, freed by this
 *
 * All mappings and pins have to be gone.  Those left are reported; pins are
 * undone.
 *
 * Context: process context; takes &dma_buf.resv, so it must not be held.
 */
void dma_buf_detach(struct dma_buf *dmabuf, struct dma_buf_attachment *attach)
{
	const struct dma_buf_ops *ops;

	if (dma_buf_misuse(!dmabuf || !attach || attach->dmabuf != dmabuf,
			   DMA_BUF_BREACH_ARGUMENT, NULL, NULL))
		return;

	ops = dmabuf->ops;
	dma_buf_lock(dmabuf);
	dma_buf_check_section(dmabuf);
	if (attach->sgt || attach->db_maps || attach->db_pins)
		dma_buf_attach_drop_leftovers(attach);
	dma_buf_attach_unlink(attach);
	dma_resv_unlock(dmabuf->resv);

	trace_dma_buf_detach(dmabuf, attach,
			     dma_buf_attachment_is_dynamic(attach), attach->dev);
	dma_buf_check_detach(attach);

	if (ops->detach)
		ops->detach(dmabuf, attach);
	kfree(attach);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_detach, DMA_BUF);

/**
 * dma_buf_attach_abandon_all - cut off the importers of a buffer that goes away
 * @dmabuf: a buffer whose last reference is gone
 *
 * The importers have lost count of their references.  Their attachments stay
 * allocated but refer to no buffer, so that using one is reported instead of
 * touching freed memory.
 */
void dma_buf_attach_abandon_all(struct dma_buf *dmabuf)
{
	struct dma_buf_attachment *attach, *next;

	dma_buf_lock(dmabuf);
	list_for_each_entry_safe(attach, next, &dmabuf->attachments, node) {
		dma_buf_attach_unlink(attach);
		attach->dmabuf = NULL;
	}
	dma_resv_unlock(dmabuf->resv);
}

/**
 * dma_buf_attach_pin - pin for an importer or for one of its mappings
 * @attach: the attachment
 *
 * Context: &dma_buf.resv held.
 * Return: 0, also when the exporter never moves anything, or its errno.
 */
int dma_buf_attach_pin(struct dma_buf_attachment *attach)
{
	const struct dma_buf_ops *ops = attach->dmabuf->ops;
	int ret = 0;

	dma_resv_assert_held(attach->dmabuf->resv);

	if (ops->pin)
		ret = ops->pin(attach);
	if (ret)
		return ret;

	attach->db_pins++;
	return 0;
}

/**
 * dma_buf_attach_unpin - undo dma_buf_attach_pin()
 * @attach: the attachment
 *
 * Context: &dma_buf.resv held.
 */
void dma_buf_attach_unpin(struct dma_buf_attachment *attach)
{
	const struct dma_buf_ops *ops = attach->dmabuf->ops;

	dma_resv_assert_held(attach->dmabuf->resv);

	attach->db_pins--;
	if (ops->unpin)
		ops->unpin(attach);
}

/**
 * dma_buf_pin - keep a buffer where it is
 * @attach: a dynamic importer's attachment
 *
 * For uses that cannot follow a move, such as scanout, and never at the whim of
 * user space.  The exporter may first move the buffer to where @attach reaches
 * it, and call the importer's move_notify meanwhile.
 *
 * Context: &dma_buf.resv held.
 * Return: 0 or the exporter's errno.  Undone by dma_buf_unpin().
 */
int dma_buf_pin(struct dma_buf_attachment *attach)
{
	struct dma_buf *dmabuf = attach->dmabuf;
	int ret;

	dma_resv_assert_held(dmabuf->resv);
	dma_buf_check_locked(dmabuf, attach);

	dma_buf_misuse(!dma_buf_attachment_is_dynamic(attach),
		       DMA_BUF_BREACH_PIN_STATIC, dmabuf, attach);

	ret = dma_buf_attach_pin(attach);
	if (ret)
		return ret;

	dma_buf_check_pin(attach);
	trace_dma_buf_pin(dmabuf, attach);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(dma_buf_pin, DMA_BUF);

/**
 * dma_buf_unpin - let a buffer move again
 * @attach: the attachment that was given to dma_buf_pin()
 *
 * Context: &dma_buf.resv held.
 */
void dma_buf_unpin(struct dma_buf_attachment *attach)
{
	struct dma_buf *dmabuf = attach->dmabuf;

	dma_resv_assert_held(dmabuf->resv);
	dma_buf_check_locked(dmabuf, attach);

	dma_buf_misuse(!dma_buf_attachment_is_dynamic(attach),
		       DMA_BUF_BREACH_PIN_STATIC, dmabuf, attach);
	if (dma_buf_misuse(!attach->db_pins,
			   DMA_BUF_BREACH_UNPIN_UNPINNED, dmabuf, attach))
		return;
	if (!dma_buf_check_unpin(attach))
		return;

	trace_dma_buf_unpin(dmabuf, attach);
	dma_buf_attach_unpin(attach);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_unpin, DMA_BUF);

/**
 * dma_buf_move_notify - tell every dynamic importer that the buffer moves
 * @dmabuf: the buffer
 *
 * For exporters, before they move.  Importers are told in the order in which
 * they attached, pinned ones too.  Their mappings remain good for the fences
 * that are in &dma_buf.resv by now: wait for all of those, BOOKKEEP included,
 * before the old place is reused.
 *
 * Context: &dma_buf.resv held; may be part of eviction.
 */
void dma_buf_move_notify(struct dma_buf *dmabuf)
{
	struct dma_buf_attachment *attach;

	dma_resv_assert_held(dmabuf->resv);
	dma_buf_check_locked(dmabuf, NULL);

	dma_buf_check_move(dmabuf);
	trace_dma_buf_move_notify(dmabuf);

	list_for_each_entry(attach, &dmabuf->attachments, node)
		if (dma_buf_attachment_is_dynamic(attach))
			attach->importer_ops->move_notify(attach);

	dma_buf_check_moved(dmabuf);
}
EXPORT_SYMBOL_NS_GPL(dma_buf_move_notify, DMA_BUF);
