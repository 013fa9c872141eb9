"""Ranking: what the best plan loses without a chosen site, or with another one forced in."""
