"""The keyed HTTP API, and what operators ask: thin routes over the rooms that know the answers."""
