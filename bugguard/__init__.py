"""bugguard remembers every bug a team ever fixed and warns when a change brings one back.

The data's way, which is also the order in which to read the package::

    history -> patterns -> encoders -> index                            (learn)
    change  -> hunks -> encoders -> match -> triage -> report           (check)
"""

__version__ = "0.1.0"
