"""The pure core of Simplr: values in, values out.

It knows sealing, tables, masks, rules of access and the ledger's mathematics. It refuses to know
Django, databases, the network and the clock: whoever calls passes the time and the open handles.
"""
