"""Shared data as the pages show it: made from a view, a verdict or a grant, and nothing else."""
