"""The problem as plain arrays: built from tables, its big-M bounds tightened, its variants."""
