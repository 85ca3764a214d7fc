"""Services for what is not text: pictures are made, recordings written down, answers read aloud."""
