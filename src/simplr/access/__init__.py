"""Nodes, roles, grants and tokens: the one decision and its query twin."""
