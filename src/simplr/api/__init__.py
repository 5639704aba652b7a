"""/api/v1: every endpoint, one OpenAPI document."""
