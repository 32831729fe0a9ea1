"""The terminal: one question, one streamed answer."""
