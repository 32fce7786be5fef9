// SPDX-License-Identifier: GPL-2.0-only

#include "vprime_topology.h"

#define pr_fmt(fmt) "vprime: " fmt

#include <kunit/visibility.h>

#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/printk.h>

#include <drm/drm_blend.h>
#include <drm/drm_mode.h>
#include <drm/drm_plane.h>

/**
 * DOC: Which objects a display has
 *
 * This room fills in the objects of so many heads, and says of any set of objects whether DRM could
 * drive a display that is made of them. Objects are known by their index, as in DRM's own masks.
 *
 * Each rule is a predicate that tells in the kernel log what it refuses, for the people who read
 * EINVAL.
 *
 * Tested by tests/vprime_topology_test.c.
 */

#define ALL_ROTATIONS (DRM_MODE_ROTATE_MASK | DRM_MODE_REFLECT_MASK)

static void add_plane(struct vprime_topology *topology, enum drm_plane_type type, u32 crtcs)
{
	topology->planes[topology->num_planes++] = (struct vprime_plane_config) {
		.type = type,
		.crtcs = crtcs,
		.rotations = ALL_ROTATIONS,
	};
}

static void add_head(struct vprime_topology *topology, bool with_overlay)
{
	unsigned int head = topology->num_crtcs;

	add_plane(topology, DRM_PLANE_TYPE_PRIMARY, BIT(head));
	if (with_overlay)
		add_plane(topology, DRM_PLANE_TYPE_OVERLAY, BIT(head));
	add_plane(topology, DRM_PLANE_TYPE_CURSOR, BIT(head));
	topology->crtcs[topology->num_crtcs++].writeback = true;
	topology->encoders[topology->num_encoders++].crtcs = BIT(head);
	topology->connectors[topology->num_connectors++] = (struct vprime_connector_config) {
		.type = DRM_MODE_CONNECTOR_VIRTUAL,
		.encoders = BIT(head),
	};
}

/**
 * vprime_topology_init_heads - fill in so many screens that have nothing to do with each other
 * @topology: to be filled in
 * @heads: how many, 0 to VPRIME_CRTCS_MAX
 *
 * Object n of each kind but the planes belongs to head n.
 *
 * Context: any.
 */
void vprime_topology_init_heads(struct vprime_topology *topology, unsigned int heads)
{
	unsigned int head;

	*topology = (struct vprime_topology) {};
	if (WARN_ON_ONCE(heads > VPRIME_CRTCS_MAX))
		return;

	for (head = 0; head < heads; head++)
		add_head(topology, heads <= VPRIME_HEADS_WITH_OVERLAY);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_topology_init_heads);

/**
 * vprime_topology_is_empty - is there no display?
 * @topology: the objects
 *
 * Context: any.
 * Return: there is not a single object.
 */
bool vprime_topology_is_empty(const struct vprime_topology *topology)
{
	return !topology->num_planes && !topology->num_crtcs &&
	       !topology->num_encoders && !topology->num_connectors;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_topology_is_empty);

static bool valid_count(const char *name, const char *kind, unsigned int count, unsigned int max)
{
	if (count > 0 && count <= max)
		return true;

	pr_info("%s: %u %ss are not 1 to %u\n", name, count, kind, max);
	return false;
}

static bool valid_counts(const struct vprime_topology *t, const char *name)
{
	return valid_count(name, "CRTC", t->num_crtcs, VPRIME_CRTCS_MAX) &&
	       valid_count(name, "plane", t->num_planes, VPRIME_PLANES_MAX) &&
	       valid_count(name, "encoder", t->num_encoders, VPRIME_ENCODERS_MAX) &&
	       valid_count(name, "connector", t->num_connectors, VPRIME_CONNECTORS_MAX);
}

/* At least one of @num others, and none that is not there. */
static bool valid_mask(const char *name, const char *kind, unsigned int index, u32 mask,
		       const char *others, unsigned int num)
{
	if (mask && !(mask & ~GENMASK(num - 1, 0)))
		return true;

	pr_info("%s: %s %u goes with the %ss 0x%x, which is not some of the %u\n",
		name, kind, index, others, mask, num);
	return false;
}

static bool valid_plane_crtcs(const struct vprime_topology *t, const char *name)
{
	unsigned int i;

	for (i = 0; i < t->num_planes; i++)
		if (!valid_mask(name, "plane", i, t->planes[i].crtcs, "CRTC", t->num_crtcs))
			return false;

	return true;
}

static bool valid_plane_types(const struct vprime_topology *t, const char *name)
{
	unsigned int i;

	for (i = 0; i < t->num_planes; i++) {
		if (t->planes[i].type > DRM_PLANE_TYPE_CURSOR) {
			pr_info("%s: plane %u is of no type: %u\n", name, i, t->planes[i].type);
			return false;
		}
	}

	return true;
}

static bool valid_plane_rotations(const struct vprime_topology *t, const char *name)
{
	unsigned int i;

	for (i = 0; i < t->num_planes; i++) {
		u8 rotations = t->planes[i].rotations;

		if (!(rotations & DRM_MODE_ROTATE_0) || rotations & ~ALL_ROTATIONS) {
			pr_info("%s: plane %u has rotations 0x%x, which lack 0x%x or have more than 0x%x\n",
				name, i, rotations, DRM_MODE_ROTATE_0, ALL_ROTATIONS);
			return false;
		}
	}

	return true;
}

/* DRM finds them by way of their CRTC. */
static bool valid_plane_owners(const struct vprime_topology *t, const char *name)
{
	unsigned int i;

	for (i = 0; i < t->num_planes; i++) {
		if (t->planes[i].type != DRM_PLANE_TYPE_OVERLAY &&
		    hweight32(t->planes[i].crtcs) != 1) {
			pr_info("%s: plane %u is a primary or a cursor of more than one CRTC\n",
				name, i);
			return false;
		}
	}

	return true;
}

static unsigned int count_planes(const struct vprime_topology *t, unsigned int crtc, u8 type)
{
	unsigned int i, count = 0;

	for (i = 0; i < t->num_planes; i++)
		if (t->planes[i].type == type && t->planes[i].crtcs & BIT(crtc))
			count++;

	return count;
}

static bool valid_crtc_planes(const struct vprime_topology *t, const char *name)
{
	unsigned int i;

	for (i = 0; i < t->num_crtcs; i++) {
		unsigned int primaries = count_planes(t, i, DRM_PLANE_TYPE_PRIMARY);
		unsigned int cursors = count_planes(t, i, DRM_PLANE_TYPE_CURSOR);

		if (primaries != 1 || cursors > 1) {
			pr_info("%s: CRTC %u has %u primary and %u cursor planes, not 1 and at most 1\n",
				name, i, primaries, cursors);
			return false;
		}
	}

	return true;
}

static bool valid_encoder_crtcs(const struct vprime_topology *t, const char *name)
{
	unsigned int i;

	for (i = 0; i < t->num_encoders; i++)
		if (!valid_mask(name, "encoder", i, t->encoders[i].crtcs, "CRTC", t->num_crtcs))
			return false;

	return true;
}

/* Its picture would go nowhere. */
static bool valid_crtc_encoders(const struct vprime_topology *t, const char *name)
{
	unsigned int i;
	u32 fed = 0;

	for (i = 0; i < t->num_encoders; i++)
		fed |= t->encoders[i].crtcs;
	if (fed == GENMASK(t->num_crtcs - 1, 0))
		return true;

	pr_info("%s: CRTC %lu has no encoder\n", name, ffz(fed));
	return false;
}

static bool valid_connector_encoders(const struct vprime_topology *t, const char *name)
{
	unsigned int i;

	for (i = 0; i < t->num_connectors; i++)
		if (!valid_mask(name, "connector", i, t->connectors[i].encoders,
				"encoder", t->num_encoders))
			return false;

	return true;
}

/**
 * vprime_topology_has_connector_type - may a connector be of this type?
 * @type: DRM_MODE_CONNECTOR_*
 *
 * Writeback connectors come with their CRTC, and are no places to plug.
 *
 * Context: any.
 * Return: it may.
 */
bool vprime_topology_has_connector_type(u8 type)
{
	return type <= DRM_MODE_CONNECTOR_USB && type != DRM_MODE_CONNECTOR_WRITEBACK;
}

static bool valid_connector_types(const struct vprime_topology *t, const char *name)
{
	unsigned int i;

	for (i = 0; i < t->num_connectors; i++) {
		u8 type = t->connectors[i].type;

		if (!vprime_topology_has_connector_type(type)) {
			pr_info("%s: connector %u is of no type: %u\n", name, i, type);
			return false;
		}
	}

	return true;
}

/* Counts before masks, and masks before those who look through them. */
static bool (* const predicates[])(const struct vprime_topology *t, const char *name) = {
	valid_counts,
	valid_plane_types,
	valid_plane_crtcs,
	valid_plane_rotations,
	valid_plane_owners,
	valid_crtc_planes,
	valid_encoder_crtcs,
	valid_crtc_encoders,
	valid_connector_encoders,
	valid_connector_types,
};

/**
 * vprime_topology_check - could DRM drive such a display?
 * @topology: the objects; none at all are right, too
 * @name: of the GPU, for the log
 *
 * The first rule that is broken is told in the kernel log.
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int vprime_topology_check(const struct vprime_topology *topology, const char *name)
{
	unsigned int i;

	if (vprime_topology_is_empty(topology))
		return 0;

	for (i = 0; i < ARRAY_SIZE(predicates); i++)
		if (!predicates[i](topology, name))
			return -EINVAL;

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_topology_check);
