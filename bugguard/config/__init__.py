"""Settings: read once from every source, then passed in. Nothing here is global."""

from bugguard.config.load import Loaded, load
from bugguard.config.settings import Check, Hook, Judge, Learn, Settings, Tickets

__all__ = ["Check", "Hook", "Judge", "Learn", "Loaded", "Settings", "Tickets", "load"]
