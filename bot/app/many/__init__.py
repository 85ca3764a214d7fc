"""Many bots in one process: bots.toml goes in, an App for each comes out, and none is touched by another's trouble."""
