"""Protocol: what is said goes in, what OpenAI's chat completions make of it, answers and refusals, goes out."""
