"""Licences: who may be in this installation at all."""
