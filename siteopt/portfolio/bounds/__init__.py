"""Dual bounds: column generation (Dantzig and Wolfe 1960), reduced-cost fixing, core problem."""
