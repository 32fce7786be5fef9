/* SPDX-License-Identifier: MIT */
/*
 * Descriptors through a UNIX socket.
 */
#ifndef IGT_TESTS_SCM_RIGHTS_H
#define IGT_TESTS_SCM_RIGHTS_H

void scm_rights_pair(int pair[2]);
/* __x() returns -errno; neither of them waits. */
int __scm_rights_send(int socket, int fd);
void scm_rights_send(int socket, int fd);
int __scm_rights_receive(int socket);
int scm_rights_receive(int socket);

#endif
