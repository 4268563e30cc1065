"""HTML for people: one module per page, templates, and the files they need, all served by us."""
