"""The doors of an edge: what comes over the wire, and what goes back. `decide` knows nothing of them."""
