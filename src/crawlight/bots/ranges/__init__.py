"""Address lists of crawlers as they ship with the package; README.md says where each is from."""
