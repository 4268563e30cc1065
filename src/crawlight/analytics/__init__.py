"""Every number anyone sees comes from here, so that no two of them can disagree."""
