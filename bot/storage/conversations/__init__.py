"""Whole conversations: the list of them, one as a tree, and how they go."""
