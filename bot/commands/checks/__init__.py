"""What `check` looks at, a file for each; each line says what works, what does not, and what to do about it."""
