"""People, organisations, groups, sign-in and invitations. Knows nobody's rights."""
