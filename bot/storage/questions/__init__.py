"""What updates ask and choose becomes rows, by one commit."""
