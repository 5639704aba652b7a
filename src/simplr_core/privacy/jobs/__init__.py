"""Jobs of delivery, run in a sandboxed child: the only code that sees cells before their masks."""

from simplr_core.privacy.jobs.deliver import count, deliver, measure, sample
from simplr_core.privacy.jobs.pseudonyms import pseudonyms

__all__ = ["count", "deliver", "measure", "pseudonyms", "sample"]
