/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes JSON to stdout, a value at a time.  A key is NULL in an array and at
 * the top.
 */
#ifndef VPRIMECTL_JSON_H
#define VPRIMECTL_JSON_H

#include <stdbool.h>
#include <stdint.h>

void json_begin_object(const char *key);
void json_end_object(void);
void json_begin_array(const char *key);
void json_end_array(void);
void json_string(const char *key, const char *value);
void json_number(const char *key, uint64_t value);
void json_bool(const char *key, bool value);
void json_null(const char *key);
/* A number where @text is one as a whole, else a string. */
void json_text(const char *key, const char *text);
/* Ends a line: what was begun has been ended. */
void json_finish(void);

#endif
