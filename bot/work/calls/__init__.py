"""What models call: the rounds of an answer."""
