"""The front: Caddy carries what domains send and get; Crawlight is asked about what may concern it."""
