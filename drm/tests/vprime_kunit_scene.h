/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of composition need: layers full of noise, and the comparison of a whole screen
 * with the reference.
 */
#ifndef _VPRIME_KUNIT_SCENE_H_
#define _VPRIME_KUNIT_SCENE_H_

#include <linux/types.h>

struct kunit;
struct rnd_state;
struct vprime_composer;
struct vprime_layer;
struct vprime_scene;

/* Room for lines of up to @max_width; given up when the test ends. */
struct vprime_composer *vprime_kunit_composer(struct kunit *test, u32 max_width);

/* A buffer of noise, shown as it is in the upper left corner; not a byte longer than needed. */
struct vprime_layer vprime_kunit_layer(struct kunit *test, struct rnd_state *noise, u32 fourcc,
				       u32 width, u32 height);

/* The same, of one pixel over and over; no YUV with planes. */
struct vprime_layer vprime_kunit_flat(struct kunit *test, u32 fourcc, u32 width, u32 height,
				      u64 pixel);

/* Bytes of the buffer that the layer's pixels are in. */
void *vprime_kunit_layer_bytes(const struct vprime_layer *layer, unsigned int plane);

u32 vprime_kunit_crc(struct vprime_composer *composer, const struct vprime_scene *scene);

/* Whether a sheet of this format gets what the reference says, and the check sum does not mind. */
bool vprime_kunit_is_right(struct kunit *test, struct vprime_composer *composer,
			   const struct vprime_scene *scene, u32 sheet_fourcc);

#endif
