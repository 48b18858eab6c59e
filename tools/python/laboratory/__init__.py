# SPDX-License-Identifier: MIT
"""What tools/compare and tools/report are made of."""
