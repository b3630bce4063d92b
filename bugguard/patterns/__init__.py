"""Patterns: what a fix teaches, and which of it is worth remembering."""
