// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_compose.h"

#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <kunit/visibility.h>

#include "vprime_blend.h"
#include "vprime_color.h"
#include "vprime_digest.h"
#include "vprime_format.h"
#include "vprime_read.h"
#include "vprime_sheet.h"

/**
 * DOC: Composition
 *
 * The composer: makes the picture that a screen shows out of the layers on it, line by line, and
 * says its check sum or writes it down. It knows pixels and nothing of KMS.
 *
 * Lines are put together with 8 bits per channel if no layer has more, and with 16 otherwise; each
 * layer that is blended is rounded to that. The pipe, if there is one, takes 16 bits and gives 16.
 * What leaves it is rounded to 8 bits, as by a link of 8 bits per channel: that is the picture, and
 * what the check sum is of. So the sum of an opaque colour does not depend on the format it had.
 */

/* Between two looks whether somebody else wants the CPU, and whether anybody wants the picture. */
#define COMPOSE_LINES_AT_ONCE 16

/**
 * struct compose_cel - a layer, prepared
 * @reader: gets its pixels
 * @mix: how they go over what is below
 * @opaque: nothing of what is below is left
 * @left: first column of the screen that it is in
 * @right: first column behind it
 * @top: first line of the screen that it is in
 * @bottom: first line below it
 */
struct compose_cel {
	struct vprime_reader reader;
	struct vprime_mix mix;
	bool opaque;
	u32 left;
	u32 right;
	u32 top;
	u32 bottom;
};

/**
 * struct vprime_composer - all the memory that composition needs
 * @max_width: of a screen
 * @cels: the layers that can be seen, from the bottom up
 * @num_cels: so many
 * @desk: where pixels are read
 * @tables: what the pipe makes of a narrow picture's red, green and blue, in their places
 * @narrow: a line of the picture
 * @wide: the same with 16 bits per channel
 */
struct vprime_composer {
	u32 max_width;
	struct compose_cel cels[VPRIME_SCENE_MAX_LAYERS];
	u32 num_cels;
	struct vprime_desk desk;
	u32 tables[3][256];
	u32 *narrow;
	u64 *wide;
};

/**
 * enum compose_pipe - what has to be done for the pipe
 * @COMPOSE_PLAIN: nothing
 * @COMPOSE_TABLES: one look into a table for each channel of the narrow line
 * @COMPOSE_WIDE: all of it, on the wide line
 */
enum compose_pipe {
	COMPOSE_PLAIN,
	COMPOSE_TABLES,
	COMPOSE_WIDE,
};

/**
 * struct compose_job - one picture being made
 * @composer: by whom
 * @scene: of what
 * @sheet: written to there, or NULL
 * @digest: its check sum
 * @counted: somebody wants to know that
 * @deep: lines are put together with 16 bits per channel
 * @pipe: what has to be done for the pipe
 */
struct compose_job {
	struct vprime_composer *composer;
	const struct vprime_scene *scene;
	const struct vprime_sheet *sheet;
	struct vprime_digest digest;
	bool counted;
	bool deep;
	enum compose_pipe pipe;
};

/* Is there anything to read, and is any of it on the screen? */
static bool layer_is_seen(const struct vprime_scene *scene, const struct vprime_layer *layer)
{
	return layer->vaddr[0] && layer->alpha && layer->width && layer->height &&
	       drm_rect_visible(&layer->dst) && layer->dst.x2 > 0 && layer->dst.y2 > 0 &&
	       layer->dst.x1 < (s64)scene->width && layer->dst.y1 < (s64)scene->height;
}

static bool cel_init(struct compose_cel *cel, const struct vprime_scene *scene,
		     const struct vprime_layer *layer)
{
	if (!layer_is_seen(scene, layer) || !vprime_reader_init(&cel->reader, layer))
		return false;

	cel->mix.alpha = layer->alpha;
	cel->mix.mode = layer->blend_mode;
	if (!vprime_format_has_alpha(cel->reader.format))
		cel->mix.mode = DRM_MODE_BLEND_PIXEL_NONE;
	cel->opaque = cel->mix.mode == DRM_MODE_BLEND_PIXEL_NONE && layer->alpha == 0xffff;
	cel->left = max(layer->dst.x1, 0);
	cel->top = max(layer->dst.y1, 0);
	cel->right = min_t(u32, layer->dst.x2, scene->width);
	cel->bottom = min_t(u32, layer->dst.y2, scene->height);

	return true;
}

static bool cel_hides(const struct compose_cel *cel, const struct compose_cel *below)
{
	return cel->opaque && cel->left <= below->left && cel->right >= below->right &&
	       cel->top <= below->top && cel->bottom >= below->bottom;
}

/* The deepest layer decides, hidden or not: the picture does not depend on what hides what. */
static void job_prepare(struct compose_job *job)
{
	struct vprime_composer *composer = job->composer;
	const struct vprime_scene *scene = job->scene;
	struct compose_cel *cel;
	u32 i, kept;

	composer->num_cels = 0;
	for (i = 0; i < scene->num_layers; i++) {
		cel = &composer->cels[composer->num_cels];
		if (!cel_init(cel, scene, &scene->layers[i]))
			continue;
		job->deep |= vprime_format_is_deep(cel->reader.format);
		for (kept = composer->num_cels; kept > 0; kept--)
			if (!cel_hides(cel, &composer->cels[kept - 1]))
				break;
		if (kept < composer->num_cels)
			composer->cels[kept] = *cel;
		composer->num_cels = kept + 1;
	}
}

static void job_prepare_pipe(struct compose_job *job)
{
	const struct vprime_pipe *pipe = &job->scene->pipe;

	if (vprime_pipe_is_plain(pipe)) {
		job->pipe = COMPOSE_PLAIN;
	} else if (job->deep || pipe->ctm || (job->sheet && vprime_sheet_is_deep(job->sheet))) {
		job->pipe = COMPOSE_WIDE;
	} else {
		job->pipe = COMPOSE_TABLES;
		vprime_pipe_tabulate(pipe, job->composer->tables);
	}
}

static bool cel_is_in(const struct compose_cel *cel, u32 y)
{
	return cel->top <= y && y < cel->bottom;
}

static bool cel_is_base(const struct compose_cel *cel, const struct vprime_scene *scene, u32 y)
{
	return cel->opaque && cel_is_in(cel, y) && !cel->left && cel->right == scene->width;
}

/* The uppermost layer that fills the line, below which nothing can be seen; or NULL. */
static const struct compose_cel *job_find_base(const struct compose_job *job, u32 y)
{
	const struct vprime_composer *composer = job->composer;
	u32 i;

	for (i = composer->num_cels; i > 0; i--) {
		if (cel_is_base(&composer->cels[i - 1], job->scene, y))
			return &composer->cels[i - 1];
	}

	return NULL;
}

/* From the left of the layer's place on the screen, and from its top. */
static u32 cel_x(const struct compose_cel *cel, u32 x)
{
	return x - cel->reader.layer->dst.x1;
}

static u32 cel_y(const struct compose_cel *cel, u32 y)
{
	return y - cel->reader.layer->dst.y1;
}

static void cel_put_narrow(const struct compose_cel *cel, u32 *to, const u32 *pixels, u32 count)
{
	if (cel->opaque)
		memcpy(to, pixels, count * sizeof(*to));
	else
		vprime_blend_narrow(&cel->mix, to, pixels, count);
}

static void cel_draw_narrow(const struct compose_cel *cel, struct vprime_composer *composer, u32 y)
{
	const u32 *pixels;
	u32 x, count;

	if (cel->reader.straight) {
		pixels = vprime_read_straight(&cel->reader, cel_x(cel, cel->left), cel_y(cel, y));
		cel_put_narrow(cel, &composer->narrow[cel->left], pixels, cel->right - cel->left);
		return;
	}

	for (x = cel->left; x < cel->right; x += count) {
		count = min(cel->right - x, VPRIME_READ_MAX);
		pixels = vprime_read_narrow(&cel->reader, &composer->desk, cel_x(cel, x),
					    cel_y(cel, y), count);
		cel_put_narrow(cel, &composer->narrow[x], pixels, count);
	}
}

static void cel_draw_wide(const struct compose_cel *cel, struct vprime_composer *composer, u32 y)
{
	const u64 *pixels;
	u32 x, count;

	for (x = cel->left; x < cel->right; x += count) {
		count = min(cel->right - x, VPRIME_READ_MAX);
		pixels = vprime_read_wide(&cel->reader, &composer->desk, cel_x(cel, x),
					  cel_y(cel, y), count);
		if (cel->opaque)
			memcpy(&composer->wide[x], pixels, count * sizeof(*pixels));
		else
			vprime_blend_wide(&cel->mix, &composer->wide[x], pixels, count);
	}
}

/* Without a base all is black at first. */
static void job_clear_line(struct compose_job *job)
{
	if (job->deep)
		memset(job->composer->wide, 0, job->scene->width * sizeof(u64));
	else
		memset(job->composer->narrow, 0, job->scene->width * sizeof(u32));
}

static bool job_is_alone(const struct compose_job *job, const struct compose_cel *base, u32 y)
{
	const struct compose_cel *cel, *end = &job->composer->cels[job->composer->num_cels];

	for (cel = base + 1; cel < end; cel++) {
		if (cel_is_in(cel, y))
			return false;
	}

	return true;
}

/* Draw all layers of a line, in the intermediate that the job needs. */
static void job_draw_line(struct compose_job *job, const struct compose_cel *base, u32 y)
{
	struct vprime_composer *composer = job->composer;
	const struct compose_cel *cel, *end = &composer->cels[composer->num_cels];

	if (!base)
		job_clear_line(job);

	for (cel = base ?: composer->cels; cel < end; cel++) {
		if (!cel_is_in(cel, y))
			continue;
		if (job->deep)
			cel_draw_wide(cel, composer, y);
		else
			cel_draw_narrow(cel, composer, y);
	}
}

/* Where the narrow line is: in the program's buffer, if nothing has to be done to it. */
static const u32 *job_narrow_line(struct compose_job *job, u32 y)
{
	const struct compose_cel *base = job_find_base(job, y);

	if (base && base->reader.straight && !job->deep && job_is_alone(job, base, y))
		return vprime_read_straight(&base->reader, cel_x(base, 0), cel_y(base, y));

	job_draw_line(job, base, y);

	return job->composer->narrow;
}

static void job_look_up(const struct compose_job *job, const u32 *line)
{
	u32 (*tables)[256] = job->composer->tables;
	u32 *to = job->composer->narrow;
	u32 i;

	for (i = 0; i < job->scene->width; i++)
		to[i] = tables[0][line[i] >> 16 & 0xff] | tables[1][line[i] >> 8 & 0xff] |
			tables[2][line[i] & 0xff];
}

/* Through the pipe and down to 8 bits; the wide line is what they were rounded from. */
static const u32 *job_finish_wide(struct compose_job *job, const u32 *line)
{
	struct vprime_composer *composer = job->composer;
	const u32 width = job->scene->width;

	if (!job->deep)
		vprime_widen(composer->wide, line, width);
	if (job->pipe == COMPOSE_WIDE)
		vprime_pipe_apply(&job->scene->pipe, composer->wide, width);
	else if (!job->deep)
		return line;
	vprime_narrow(composer->narrow, composer->wide, width);

	return composer->narrow;
}

static bool job_needs_wide(const struct compose_job *job)
{
	return job->deep || job->pipe == COMPOSE_WIDE ||
	       (job->sheet && vprime_sheet_is_deep(job->sheet));
}

static void job_compose_line(struct compose_job *job, u32 y)
{
	const u32 *line = job_narrow_line(job, y);
	const u32 width = job->scene->width;

	if (job_needs_wide(job)) {
		line = job_finish_wide(job, line);
	} else if (job->pipe == COMPOSE_TABLES) {
		job_look_up(job, line);
		line = job->composer->narrow;
	}

	if (job->counted)
		vprime_digest_line(&job->digest, line, width);
	if (!job->sheet)
		return;
	if (vprime_sheet_is_deep(job->sheet))
		vprime_sheet_write_wide(job->sheet, y, job->composer->wide, width);
	else
		vprime_sheet_write(job->sheet, y, line, width);
}

static bool scene_is_unwanted(const struct vprime_scene *scene)
{
	return scene->unwanted && READ_ONCE(*scene->unwanted);
}

/**
 * vprime_compose - make a picture
 * @composer: with room for lines as wide as the screen
 * @scene: what is on the screen
 * @sheet: where to write the picture, or NULL
 * @crc: filled with its check sum, or NULL
 *
 * Allocates nothing, takes no lock and does not fail, as fences wait for it.
 *
 * Context: may sleep only to let others run. One call at a time for each composer.
 * Return: true if the picture is complete; false if it became unwanted before that, and then
 * neither @sheet nor @crc is of any use.
 */
bool vprime_compose(struct vprime_composer *composer, const struct vprime_scene *scene,
		    const struct vprime_sheet *sheet, u32 *crc)
{
	struct compose_job job = {
		.composer = composer,
		.scene = scene,
		.sheet = sheet,
		.counted = crc,
	};
	u32 y;

	if (WARN_ON_ONCE(scene->width > composer->max_width ||
			 scene->num_layers > VPRIME_SCENE_MAX_LAYERS ||
			 (sheet && !vprime_sheet_is_known(sheet->format->format))))
		return false;

	job_prepare(&job);
	job_prepare_pipe(&job);
	vprime_digest_begin(&job.digest, scene->width, scene->height);

	for (y = 0; y < scene->height; y++) {
		if (y % COMPOSE_LINES_AT_ONCE == 0 && scene_is_unwanted(scene))
			return false;
		job_compose_line(&job, y);
		if (y % COMPOSE_LINES_AT_ONCE == 0)
			cond_resched();
	}

	if (crc)
		*crc = vprime_digest_end(&job.digest);

	return true;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_compose);

/**
 * vprime_composer_create - get all the memory that composition needs
 * @max_width: of a screen
 *
 * Context: may sleep.
 * Return: a composer, for vprime_composer_destroy(), or -ENOMEM.
 */
struct vprime_composer *vprime_composer_create(u32 max_width)
{
	struct vprime_composer *composer = kvzalloc(sizeof(*composer), GFP_KERNEL_ACCOUNT);

	if (!composer)
		return ERR_PTR(-ENOMEM);

	composer->max_width = max_width;
	composer->narrow = kvcalloc(max_width, sizeof(*composer->narrow), GFP_KERNEL_ACCOUNT);
	composer->wide = kvcalloc(max_width, sizeof(*composer->wide), GFP_KERNEL_ACCOUNT);
	if (!composer->narrow || !composer->wide) {
		vprime_composer_destroy(composer);
		return ERR_PTR(-ENOMEM);
	}

	return composer;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_composer_create);

/**
 * vprime_composer_destroy - give the memory back
 * @composer: no longer used; or NULL
 *
 * Context: may sleep.
 */
void vprime_composer_destroy(struct vprime_composer *composer)
{
	if (IS_ERR_OR_NULL(composer))
		return;

	kvfree(composer->narrow);
	kvfree(composer->wide);
	kvfree(composer);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_composer_destroy);
