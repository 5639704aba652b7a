"""Opens an export and verifies the ledger with no server at all.

It knows the files of an export, the sealed format and the ledger; it needs nothing of the server,
no database and no network. Made for the day when the installation is gone and its exports and
keys are not. The files are described in docs/reference/rescue.md.
"""
