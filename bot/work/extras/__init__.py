"""What may be had of an answer beside its text."""
