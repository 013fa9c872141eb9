"""Costs: criteria and connections to discounted money, by component."""
