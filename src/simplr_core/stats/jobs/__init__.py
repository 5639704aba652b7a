"""The job that compares two versions, run in a sandboxed child."""

from simplr_core.stats.jobs.compare import compare

__all__ = ["compare"]
