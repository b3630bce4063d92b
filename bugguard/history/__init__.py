"""History: commits, changes and what they say of themselves."""
