"""Secrets are taken out of any text before it leaves for a judge, its cache or a log."""
