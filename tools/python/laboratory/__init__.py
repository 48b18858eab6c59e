# SPDX-License-Identifier: MIT
"""The modules of tools/compare and tools/report."""
