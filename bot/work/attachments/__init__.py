"""What people attach to their questions, put before the model as text or as it is."""
