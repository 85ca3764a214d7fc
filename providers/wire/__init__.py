"""Wire: what several services share on the way from a request to deltas."""
