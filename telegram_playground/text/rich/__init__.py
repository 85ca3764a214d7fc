"""Rich messages: Markdown or HTML goes in, blocks come out."""
