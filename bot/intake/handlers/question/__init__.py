"""What asks for an answer, changes the question, or wants another or more of the answer."""
