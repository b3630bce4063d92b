"""The story, told over the rooms: learn, check, and what the hook does of both."""
