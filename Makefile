# SPDX-License-Identifier: GPL-2.0-only
# The front door: every target is one script of the room that does the work. `make` alone lists them.

# CORE=vprime (our dma-buf core) or stock (the kernel's own); FLAVOUR=debug, fast, fast-jumplabels or debug-nonotify.
CORE    ?= vprime
FLAVOUR ?= fast
# SUITE= one test suite, TEST= those of its tests whose names match, BENCH= one benchmark, VIEW=vnc|gtk to watch and keep `make run` open.
SUITE   ?=
TEST    ?=
BENCH   ?=
VIEW    ?=
SHELL   := /bin/bash

# The kernel's makefiles cannot be in a folder with such a name, and say so only after it was unpacked.
ifneq ($(words $(subst :, ,$(CURDIR))),1)
$(error The path of this checkout has a space or a colon in it: $(CURDIR). The kernel cannot be built there; move the checkout)
endif

.DEFAULT_GOAL := help
.PHONY: help run test test-full bench parity kms-table shell docs kernel kernel-allusers modules image packages clean

help:
	@printf '%s\n' \
	  'make run               build, boot our dma-buf core, show buffers shared between drivers (VIEW=vnc|gtk to watch)' \
	  'make test              every kind of test, well under an hour (SUITE=NAME TEST=GLOB for some; results/ has the details)' \
	  'make test-full         all tests, however long' \
	  'make bench             our core against the kernel'"'"'s own (BENCH=NAME for one)' \
	  'make parity            upstream IGT on the kernel'"'"'s core and on ours, subtest by subtest, into docs/' \
	  'make kms-table         upstream IGT on the displays of vprime, vkms and virtio-gpu, into docs/ (hours)' \
  'make shell             a root prompt in the guest (CORE=, FLAVOUR=)' \
	  'make docs              the documentation as HTML, in build/docs' \
	  'make kernel            one kernel: CORE=vprime|stock FLAVOUR=debug|fast|fast-jumplabels|debug-nonotify' \
	  'make kernel-allusers   compile all in-tree users of the dma-buf API against our header' \
	  'make modules           the modules of one kernel, packed (part of make kernel)' \
	  'make image             the guest image' \
	  'make clean             remove build/, results/ and out/ (the compiler cache too)' \
	  '' \
	  'Hosts: Debian 12 or 13 on x86-64. Missing packages are installed (needs root or sudo).'

# A window needs more of QEMU than a machine that nobody looks at.
packages:
	@kernel/install-packages $(if $(filter gtk,$(VIEW)),qemu-system-gui)

kernel: packages
	@kernel/build $(CORE) $(FLAVOUR)

modules: kernel

kernel-allusers: packages
	@kernel/allusers

image: packages
	@vm/image

run: packages image
	@kernel/build vprime fast
	@tools/demo/run $(if $(VIEW),--$(VIEW))

test: packages
	@tests/prepare
	@tests/run $(if $(TEST),--test '$(TEST)') $(SUITE)

test-full: packages
	@tests/prepare
	@kernel/build vprime debug-nonotify
	@tests/run --full $(if $(TEST),--test '$(TEST)') $(SUITE)

bench: packages image
	@bench/run $(BENCH)

parity: packages image
	@kernel/build vprime debug
	@kernel/build stock debug
	@tests/parity

kms-table: packages image
	@tests/kms-table

shell: packages image
	@kernel/build $(CORE) $(FLAVOUR)
	@vm/shell --core $(CORE) --flavour $(FLAVOUR)

docs: packages
	@docs/build

clean:
	rm -rf build results out
