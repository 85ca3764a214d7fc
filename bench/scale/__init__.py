"""Many bots on many machines in simulated time, from what one question, call and delta was measured to take."""
