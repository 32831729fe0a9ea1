"""The use cases, written against `core.ports` alone."""
