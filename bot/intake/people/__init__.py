"""Who may come in, and who decides it."""
