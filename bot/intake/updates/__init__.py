"""How updates come: asked for or posted, each stored once, and as much of it read as can be."""
