"""Chapter extraction: documents in, their chapters out, over GraphQL."""
