// SPDX-License-Identifier: GPL-2.0-only
/*
 * A JSON writer.  Keeps track of nothing but whether a comma is due, which the
 * end of a value says about the next.
 */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool comma_due;

static void put_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < ' ' || c == 0x7f)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void begin_value(const char *key)
{
	if (comma_due)
		putchar(',');
	comma_due = true;
	if (!key)
		return;
	put_string(key);
	putchar(':');
}

static void begin_group(const char *key, char bracket)
{
	begin_value(key);
	putchar(bracket);
	comma_due = false;
}

static void end_group(char bracket)
{
	putchar(bracket);
	comma_due = true;
}

void json_begin_object(const char *key)
{
	begin_group(key, '{');
}

void json_end_object(void)
{
	end_group('}');
}

void json_begin_array(const char *key)
{
	begin_group(key, '[');
}

void json_end_array(void)
{
	end_group(']');
}

void json_string(const char *key, const char *value)
{
	begin_value(key);
	put_string(value);
}

void json_number(const char *key, uint64_t value)
{
	begin_value(key);
	printf("%" PRIu64, value);
}

void json_bool(const char *key, bool value)
{
	begin_value(key);
	fputs(value ? "true" : "false", stdout);
}

void json_null(const char *key)
{
	begin_value(key);
	fputs("null", stdout);
}

static bool is_number(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	/* 20 digits may be more than 64 bits, and JSON knows no leading zeros. */
	return digits && digits < 20 && !text[digits] && (digits == 1 || *text != '0');
}

void json_text(const char *key, const char *text)
{
	if (!is_number(text)) {
		json_string(key, text);
		return;
	}
	begin_value(key);
	fputs(text, stdout);
}

void json_finish(void)
{
	putchar('\n');
	comma_due = false;
}
