"""Keeps what is sealed and the keys to it: the only app that reaches `simplr_core.crypto`.

It knows keys, wrapped keys, sealed objects and where they lie; it refuses to know what is inside
them or who may ask. The root key is held by the key agent, a process of its own, and never by a
web process or a worker.
"""
