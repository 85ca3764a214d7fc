"""What stands around a provider: several keys, limits on silence, who is left alone after failures."""
