"""Which tickets a commit answers to, and where they are."""

from bugguard.history.tickets.references import Kind, Reference, find
from bugguard.history.tickets.remote import Remote, TicketRules, linked, tickets

__all__ = ["Kind", "Reference", "Remote", "TicketRules", "find", "linked", "tickets"]
