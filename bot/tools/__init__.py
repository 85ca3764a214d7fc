"""What models may call: a name and arguments go in, a text for the model comes out, or why there is none."""
