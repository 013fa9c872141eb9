"""Robust portfolios: one plan for several variants of a problem, and what a fixed plan costs in each."""
