"""The report on a terminal: the facts of the plain text, in colour, nothing cut that is of use."""
