"""Data sets: the fields, parts and profiles of a table's version."""
