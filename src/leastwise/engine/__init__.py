"""Floor 2: neutral evaluation over columns. Knows no vendor."""

import os

# Columns are sorted, counted and joined, never multiplied; the idle threads of a linear algebra library would spin.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
