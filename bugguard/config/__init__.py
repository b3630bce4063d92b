"""Settings: read once from every source, then passed in. Nothing here is global."""

from bugguard.config.dsn import Dsn, Location
from bugguard.config.load import Loaded, load
from bugguard.config.settings import Check, Hook, Judge, Learn, Settings, Tickets

__all__ = [
    "Check",
    "Dsn",
    "Hook",
    "Judge",
    "Learn",
    "Loaded",
    "Location",
    "Settings",
    "Tickets",
    "load",
]
