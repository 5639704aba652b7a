"""The jobs that compare two versions and find the structure of one, run in a sandboxed child."""

from simplr_core.stats.jobs.compare import compare
from simplr_core.stats.jobs.structure import structure

__all__ = ["compare", "structure"]
