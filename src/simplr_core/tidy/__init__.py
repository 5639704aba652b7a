"""Tidying: how a file that came in becomes a table with types.

It recognises the encoding, the dialect, the header, the types and the missing codes of a file,
says with which confidence and why, and reads the file by what was recognised. What does not fit
is put aside with its reason, never dropped: rows in = rows kept + rows in quarantine.

It refuses to know where the bytes come from (it is given a readable stream) and where they go.
"""
