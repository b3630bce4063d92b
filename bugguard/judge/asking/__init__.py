"""Asking a model: where it is, what may be spent on it, and whatever can go wrong on the way."""
