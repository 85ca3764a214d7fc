"""The queue of answers, and what stands of them on the screen."""
