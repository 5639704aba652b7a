"""What the installation notices by itself: unusual access, and the alerts about it.

This app knows who read what and how that compares with what is usual of them. It refuses to know
what was in it: it reads events, never a cell.
"""
