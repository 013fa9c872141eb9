"""Post-optimal analysis: near-optimal plans (MGA), Pareto fronts, marginal values, break-even.

Modelling to generate alternatives: Brill, Chang and Hopkins (1982).
"""
