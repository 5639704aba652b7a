"""Projects: the spaces that resources belong to."""
