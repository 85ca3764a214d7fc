"""Intake: what people do becomes rows and words for them; it knows nothing of work, reply and delivery."""
