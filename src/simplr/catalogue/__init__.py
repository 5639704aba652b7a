"""Finding: lists that search titles, descriptions and field names."""
