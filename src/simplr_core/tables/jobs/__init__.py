"""The jobs that run in a sandboxed child: `job(arguments, files, port)`.

A child gets open file descriptors and open keys, and gives back a result in JSON and data on
numbered channels. What is to be stored is sealed here, so that no cell value reaches the parent
in clear but what its caller is entitled to see.
"""

from simplr_core.tables.jobs.keep import keep, open_profiles, read_quarantine
from simplr_core.tables.jobs.port import ChannelSink, ChildPort
from simplr_core.tables.jobs.preview_file import preview_file
from simplr_core.tables.jobs.understand import open_report, understand
from simplr_core.tidy.plans import KeepPlan, plan_keep

__all__ = [
    "ChannelSink",
    "ChildPort",
    "KeepPlan",
    "keep",
    "open_profiles",
    "open_report",
    "plan_keep",
    "preview_file",
    "read_quarantine",
    "understand",
]
