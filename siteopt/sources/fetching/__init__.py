"""Fetching of layers from their real sources: the only part of siteopt that uses the network.

Servers are strangers: every answer is bounded in time, bytes and attempts, looked at before it is
believed, and written whole or not at all, so that a failed fetch leaves the old file as it was.
"""
