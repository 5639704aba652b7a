"""What differs between two tables, and how much that is: comparison, drift, effect sizes.

Pure: it is given profiles and rows of versions, and returns plain values. Whoever calls it names
the fields that may be looked at; it opens no other.
"""
