// SPDX-License-Identifier: MIT
/*
 * A uevent is a datagram of strings: what it is about, then KEY=value.  It ends
 * with an empty one here.
 */
#include "uevent.h"

#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

#define FROM_KERNEL 1
/* Other devices may come and go meanwhile. */
#define BUFFER_BYTES (1 << 20)

int uevent_listen(void)
{
	const struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = FROM_KERNEL,
	};
	const int bytes = BUFFER_BYTES;
	int listener;

	listener = check_ok(neg_errno(socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
					     NETLINK_KOBJECT_UEVENT)));
	check_ok(neg_errno(setsockopt(listener, SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
				      sizeof(bytes))));
	check_ok(neg_errno(bind(listener, (const struct sockaddr *)&address, sizeof(address))));
	return listener;
}

bool uevent_take(int listener, const char *subsystem, char *buf, size_t size)
{
	const char *value;
	ssize_t len;

	do {
		len = recv(listener, buf, size - 2, 0);
		if (len < 0) {
			check_eq(errno, EAGAIN);
			return false;
		}
		buf[len] = '\0';
		buf[len + 1] = '\0';
		value = uevent_value(buf, "SUBSYSTEM");
	} while (!value || strcmp(value, subsystem));
	return true;
}

void uevent_wait(int listener, const char *subsystem, char *buf, size_t size)
{
	struct pollfd pollfd = { .fd = listener, .events = POLLIN };

	while (!uevent_take(listener, subsystem, buf, size))
		check_eq(neg_errno(poll(&pollfd, 1, -1)), 1);
}

const char *uevent_value(const char *buf, const char *key)
{
	size_t len = strlen(key);

	for (; *buf; buf += strlen(buf) + 1) {
		if (!strncmp(buf, key, len) && buf[len] == '=')
			return buf + len + 1;
	}
	return NULL;
}
