"""Whole conversations: the list of them, what one is called, one as a tree, and how they go."""
