# SPDX-License-Identifier: GPL-2.0-only
"""Finds the windows of the demo's clients in a picture of the desktop, by the colours that only they draw."""
