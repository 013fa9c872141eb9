"""Infeasibility analysis: an irreducible set of limits (IIS), and the least violation.

Chinneck, Feasibility and Infeasibility in Optimization (2008).
"""
