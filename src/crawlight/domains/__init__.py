"""Sites: which there are, who may see them, their pages, and what was imported into them."""
