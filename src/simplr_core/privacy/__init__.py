"""Privacy: finding personal data, and masking it.

It knows values, fields and masks. It refuses to know who may see what (`simplr_core.access`).
"""
