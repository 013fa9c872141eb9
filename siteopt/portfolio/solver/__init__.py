"""The program as arrays and as a PuLP model, and the MIP solvers that take it."""
