"""Releases and delivery: the only way that cell values leave."""
