"""Backups of everything but the root key, and bringing an installation back from one.

    PLACE/simplr-backup.json                 whose backups these are
    PLACE/objects/ab/cd/ID.sf1               objects as they lie in the store, shared by all snapshots
    PLACE/snapshots/TIME/snapshot.json       format, when, the root key that opens it: no secret
    PLACE/snapshots/TIME/objects.txt         the objects that it needs
    PLACE/snapshots/TIME/NAME.sf1            databases, heads of the ledger, settings: sealed

A snapshot is taken while the installation serves. Databases cannot be dumped at one moment, so the
order is that of their references: heads of the ledger, its log, the events and everything else,
the keys, the objects. Whatever one refers to is in the next.
"""
