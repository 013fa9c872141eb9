"""Cutting planes: clique, lifted odd-hole, local and mixed-integer rounding (MIR) inequalities.

Separated on the point of a relaxation and lifted (Nemhauser and Wolsey, Integer and
Combinatorial Optimization, 1988, part II.2).
"""
