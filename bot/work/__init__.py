"""Work: rows go in, a provider is asked, and the text of an answer comes out."""
