"""Files that are not one delimited text: workbooks, records, archives and what they hold.

Every reader of a format yields *tables*: a name, a header and rows as text, in bounded memory. From there on they go
the way of delimited text: the same counting of types, decisions, marks, quarantine and profiles. A reader is chosen by
the bytes, never by the name; a name inside a file is a label and never becomes a path.

It refuses to know where the bytes come from, and it never writes.
"""
