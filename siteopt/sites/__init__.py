"""Candidate sites: tiles of open land, industrial complexes, parcels of the user's own."""
