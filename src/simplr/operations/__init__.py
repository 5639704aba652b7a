"""Running the institute: starting, watching, mending, rebuilding, backing up; home and ledger pages.

`start` and `commands` are plain Python, since they run before there is a database.
"""
