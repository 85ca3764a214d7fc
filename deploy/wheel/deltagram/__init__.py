"""Deltagram as one installed package: `bot`, `providers` and the others lie in this folder, and in no other's way."""
