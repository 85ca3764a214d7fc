"""What is chosen for a chat."""
