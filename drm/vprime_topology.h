/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which objects a display has, and which of them go together. Data only, and small enough to be
 * passed around by value.
 */
#ifndef _VPRIME_TOPOLOGY_H_
#define _VPRIME_TOPOLOGY_H_

#include <linux/types.h>

#define VPRIME_PLANES_MAX 32
#define VPRIME_CRTCS_MAX 16
#define VPRIME_ENCODERS_MAX 16
#define VPRIME_CONNECTORS_MAX 16
/* With more, each goes without its overlay: DRM can tell only 32 planes apart. */
#define VPRIME_HEADS_WITH_OVERLAY (VPRIME_PLANES_MAX / 3)

/**
 * struct vprime_plane_config - a plane
 * @crtcs: a bit for each CRTC that it can be shown on, by index
 * @type: DRM_PLANE_TYPE_*
 * @rotations: DRM_MODE_ROTATE_* and DRM_MODE_REFLECT_* that it can do, ROTATE_0 among them
 */
struct vprime_plane_config {
	u32 crtcs;
	u8 type;
	u8 rotations;
};

/**
 * struct vprime_crtc_config - a CRTC
 * @writeback: it has a writeback connector, which is none of the topology's connectors
 */
struct vprime_crtc_config {
	bool writeback;
};

/**
 * struct vprime_encoder_config - an encoder
 * @crtcs: a bit for each CRTC that it can take its picture from, by index
 */
struct vprime_encoder_config {
	u32 crtcs;
};

/**
 * struct vprime_connector_config - a connector
 * @encoders: a bit for each encoder that it can be fed by, by index
 * @type: DRM_MODE_CONNECTOR_*
 */
struct vprime_connector_config {
	u32 encoders;
	u8 type;
};

/**
 * struct vprime_topology - the objects of a display; all counts are 0 if there is none
 * @num_planes: how many of @planes there are
 * @num_crtcs: how many of @crtcs there are
 * @num_encoders: how many of @encoders there are
 * @num_connectors: how many of @connectors there are
 * @planes: in the order in which DRM gets to know them, as the others
 * @crtcs: the CRTCs
 * @encoders: the encoders
 * @connectors: the connectors
 */
struct vprime_topology {
	u8 num_planes;
	u8 num_crtcs;
	u8 num_encoders;
	u8 num_connectors;
	struct vprime_plane_config planes[VPRIME_PLANES_MAX];
	struct vprime_crtc_config crtcs[VPRIME_CRTCS_MAX];
	struct vprime_encoder_config encoders[VPRIME_ENCODERS_MAX];
	struct vprime_connector_config connectors[VPRIME_CONNECTORS_MAX];
};

void vprime_topology_init_heads(struct vprime_topology *topology, unsigned int heads);
bool vprime_topology_is_empty(const struct vprime_topology *topology);
bool vprime_topology_has_connector_type(u8 type);
int vprime_topology_check(const struct vprime_topology *topology, const char *name);

#endif
