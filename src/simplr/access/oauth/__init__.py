"""The OAuth server: programs that act for people, and what these allowed them.

Knows programs, consents and the codes and tokens that come of them; the protocol is oauthlib's, the
tables are those of `access.models`. It gives no program a right: a token's scopes narrow what its
person may do, and the one decision is asked at each request.
"""
