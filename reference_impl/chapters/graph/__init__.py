"""The GraphQL schema of chapter extraction."""
