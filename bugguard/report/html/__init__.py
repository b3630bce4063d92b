"""The report as one HTML file: nothing is fetched, and no text of a stranger's is ever markup.

The other formats are text that is put together here and there; this one is made of view models
(pure functions of a report, in the modules beside this one), which templates then only lay out.
"""

from __future__ import annotations

from bugguard.report.html.document import render

__all__ = ["render"]
