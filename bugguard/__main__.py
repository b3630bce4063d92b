"""``python -m bugguard`` is the same as ``bugguard``."""

from bugguard.cli import main

if __name__ == "__main__":
    main()
