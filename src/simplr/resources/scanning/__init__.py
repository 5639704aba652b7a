"""Scanning originals for malware before anybody else gets them.

    port        what a scanner is, and which one the setting names
    clamd       the one there is: ClamAV's daemon
    rules       whether a version may be shared or read: the one place that decides
    services    scanning an original, and all that were not scanned
    queries     what is known of originals

An original is unsealed and streamed by the worker, as it was sent in; no web process holds a byte
of it for this. This package parses nothing: what a scanner says is a verdict or no verdict.
"""
