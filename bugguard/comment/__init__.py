"""One comment on a pull or merge request: made, kept up to date, never made twice.

The only room besides the judge that uses a network, and only `bugguard comment` goes there.
"""
