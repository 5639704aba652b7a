"""Jobs of intake, run in a sandboxed child: understand a file, keep it, show what is kept.

What is to be stored is sealed here, so that no cell value reaches the parent in clear but what
its caller is entitled to see.
"""

from simplr_core.tidy.jobs.aside import count_quarantine, export_quarantine, read_quarantine
from simplr_core.tidy.jobs.extract_text import extract_text
from simplr_core.tidy.jobs.keep import keep, open_profiles
from simplr_core.tidy.jobs.mend import mend, try_mending
from simplr_core.tidy.jobs.open_recipe import open_recipe
from simplr_core.tidy.jobs.preview_file import preview_file
from simplr_core.tidy.jobs.read_dictionary import read_dictionary
from simplr_core.tidy.jobs.renew import append
from simplr_core.tidy.jobs.try_recipe import try_recipe
from simplr_core.tidy.jobs.understand import open_report, understand
from simplr_core.tidy.jobs.upsert import upsert

__all__ = [
    "append",
    "count_quarantine",
    "export_quarantine",
    "extract_text",
    "keep",
    "mend",
    "open_profiles",
    "open_recipe",
    "open_report",
    "preview_file",
    "read_dictionary",
    "read_quarantine",
    "try_mending",
    "try_recipe",
    "understand",
    "upsert",
]
