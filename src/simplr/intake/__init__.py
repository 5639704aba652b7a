"""Uploads: from the first byte to the kept version."""
