"""Tables: their schema, and the readers and writers of their columns.

It knows what a field is, how a table lies in sealed parts and how it is written in the formats
that others read. It refuses to know how a messy file becomes a table (`simplr_core.tidy`), who
may see a field (`simplr_core.access`) and what a mask is (`simplr_core.privacy`).
"""
