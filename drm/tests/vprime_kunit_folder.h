/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of folders need: folders as mkdir makes them, whose attributes are read and
 * written like configfs does it. They are in no tree.
 */
#ifndef _VPRIME_KUNIT_FOLDER_H_
#define _VPRIME_KUNIT_FOLDER_H_

#include <linux/types.h>

struct config_group;
struct configfs_attribute;
struct drm_connector;
struct kunit;
struct vprime_gpu;

/* The folder of a GPU that is called "kunit", removed when the test ends. */
struct config_group *vprime_kunit_folder(struct kunit *test);
void vprime_kunit_folder_remove(struct kunit *test, struct config_group *group);

/* A folder that another one has from the start. */
struct config_group *vprime_kunit_subfolder(struct kunit *test, struct config_group *group,
					    const char *name);

/* A folder that is made in another one, removed when the test ends; or ERR_PTR. */
struct config_group *vprime_kunit_mkdir(struct kunit *test, struct config_group *parent,
					const char *name);
void vprime_kunit_rmdir(struct kunit *test, struct config_group *group);

int vprime_kunit_link(struct config_group *from, struct config_group *to);
void vprime_kunit_unlink(struct config_group *from, struct config_group *to);

const struct configfs_attribute *vprime_kunit_attribute(struct kunit *test,
							struct config_group *group,
							const char *name);
ssize_t vprime_kunit_write(struct kunit *test, struct config_group *group, const char *name,
			   const char *text);
void vprime_kunit_write_all(struct kunit *test, struct config_group *group, const char *name,
			    const char *text);
const char *vprime_kunit_read(struct kunit *test, struct config_group *group, const char *name);

/**
 * struct vprime_kunit_value - what an attribute reads
 * @name: the attribute; NULL ends a table
 * @value: what it reads
 */
struct vprime_kunit_value {
	const char *name;
	const char *value;
};

/* They are all the attributes that there are, and read so. */
void vprime_kunit_expect_values(struct kunit *test, struct config_group *group,
				const struct vprime_kunit_value *values);

/**
 * struct vprime_kunit_input - what somebody writes into an attribute
 * @name: the attribute
 * @text: what is written
 * @reads: what it reads afterwards; NULL if it has to be the same as before
 * @ret: the error, or 0
 */
struct vprime_kunit_input {
	const char *name;
	const char *text;
	const char *reads;
	int ret;
};

void vprime_kunit_input_name(const struct vprime_kunit_input *input, char *desc);
void vprime_kunit_expect_input(struct kunit *test, struct config_group *group,
			       const struct vprime_kunit_input *input);

/* The whole of a binary attribute, from an open to a close. */
ssize_t vprime_kunit_write_bin(struct kunit *test, struct config_group *group, const char *name,
			       const void *bytes, size_t len);
const void *vprime_kunit_read_bin(struct kunit *test, struct config_group *group,
				  const char *name, size_t *len);

/* The driver model's name of the folder's device, without the line end. */
const char *vprime_kunit_device_of(struct kunit *test, struct config_group *group);
bool vprime_kunit_device_exists(const char *name);

/* Enables the GPU, which is there until it is disabled or the folder removed. */
struct vprime_gpu *vprime_kunit_enable(struct kunit *test, struct config_group *group);

/* A connector by its number, writeback connectors not counted. */
struct drm_connector *vprime_kunit_connector(struct kunit *test, struct vprime_gpu *gpu,
					     unsigned int index);

/* Lets DRM look at what is plugged in, as when user space asks for its modes. */
void vprime_kunit_probe(struct drm_connector *connector);

#endif
