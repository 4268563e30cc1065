"""Text log formats as data: a description becomes a layout, and a layout becomes a pattern and a query."""
