"""The use cases, readable top to bottom."""
