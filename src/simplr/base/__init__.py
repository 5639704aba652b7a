"""What every app stands on: entry rules, events, errors, layout, jobs, database placement.

It knows no people, no nodes and no keys: those arrive through four plug points (`plugs`), each
filled once at start by a higher app and refusing while empty.
"""
