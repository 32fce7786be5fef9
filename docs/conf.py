# SPDX-License-Identifier: GPL-2.0-only
# How Sphinx builds the documentation. docs/build calls it and says where the kernel's documentation tools are.
import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = os.environ['KERNEL_DOC_TOOLS']
sys.path.insert(0, os.path.join(TOOLS, 'Documentation/sphinx'))

project = 'vprime'
copyright = 'the authors of vprime'  # pylint: disable=redefined-builtin
html_theme = 'sphinx_rtd_theme'
html_show_copyright = False
html_copy_source = False
highlight_language = 'none'
exclude_patterns = ['build']

extensions = ['kerneldoc']
kerneldoc_bin = os.path.join(TOOLS, 'scripts/kernel-doc')
kerneldoc_srctree = TOP
kerneldoc_verbosity = 1

# kernel-doc writes C declarations with the kernel's own words in them.
c_id_attributes = ['__user', '__init', '__bpf_kfunc']
