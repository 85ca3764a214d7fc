"""Guide: a question about the bot goes in, a text that answers it comes out."""
