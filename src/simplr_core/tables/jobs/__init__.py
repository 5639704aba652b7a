"""What every job in a sandboxed child is given: the way out (`port`) and open keys (`sealing`).

A job is `job(arguments, files, port)`. It gets open file descriptors and open keys, and gives back
a result in JSON and data on numbered channels. The jobs of intake are in `tidy.jobs`, those of
delivery in `privacy.jobs`.
"""

from simplr_core.tables.jobs.port import ChannelSink, ChildPort

__all__ = ["ChannelSink", "ChildPort"]
