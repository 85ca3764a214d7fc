"""Who may come in, and what each has used."""
