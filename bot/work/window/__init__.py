"""Window: as much of a conversation as a model takes, by kind and by length."""
