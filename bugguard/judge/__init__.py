"""An LLM that reads close matches: it explains, confirms or marks as unrelated, and cites.

What it says is believed only where the evidence bears it out. Tickets, titles, links and shas never
come from it: they are quoted from the records of the fix that it was asked about.
"""
