"""Recovery: what a former process left on the screen goes in, the parts that stand, or go, come out."""
