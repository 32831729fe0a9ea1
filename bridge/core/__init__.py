"""Vocabulary and arithmetic: pure, without an event loop, a clock or a library."""
