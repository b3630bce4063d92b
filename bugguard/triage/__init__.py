"""What happens to a match before it is reported: its identity, and whether it was silenced."""
