"""Tickets: kept beside the index, taken in from trackers and files, and told what they are."""
