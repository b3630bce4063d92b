"""Tickets out of files that people can export without a token."""

from bugguard.tickets.imports.reading import FORMS, Notes, read

__all__ = ["FORMS", "Notes", "read"]
