// SPDX-License-Identifier: MIT
/*
 * The 32-bit system call entry of x86-64.
 */
#include "compat32.h"

#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define I386_NR_GETPID 20
#define I386_NR_IOCTL 54

static int int80(uint32_t number, uint32_t a, uint32_t b, uint32_t c)
{
	int ret;

	/* The kernel leaves r8-r11 alone or clears them, as it sees fit. */
	asm volatile("int $0x80"
		     : "=a" (ret)
		     : "a" (number), "b" (a), "c" (b), "d" (c)
		     : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

void compat32_require(void)
{
	int status;
	pid_t pid;

	/* Without the entry the instruction is a fault. */
	pid = check_ok(neg_errno(fork()));
	if (!pid)
		_exit(int80(I386_NR_GETPID, 0, 0, 0) != getpid());
	check_eq(waitpid(pid, &status, 0), pid);
	require(!WIFSIGNALED(status) || WTERMSIG(status) != SIGSEGV,
		"the kernel takes no 32-bit system calls (CONFIG_IA32_EMULATION)");
	check_eq(status, 0);
}

void *compat32_alloc(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	check_msg(at != MAP_FAILED, "no memory below 4 GiB: %m");
	check_eq((uintptr_t)at >> 32, 0);
	return at;
}

void compat32_free(void *at, size_t size)
{
	check_ok(neg_errno(munmap(at, size)));
}

int compat32_ioctl(int fd, unsigned int cmd, void *low_arg)
{
	return int80(I386_NR_IOCTL, fd, cmd, (uintptr_t)low_arg);
}
