"""From the spool into the events store, and from access logs into the spool."""

import os

# NumPy starts threads for linear algebra, of which there is none here: they would only take time to start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
