"""What is done with conversations."""
