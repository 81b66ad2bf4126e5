"""Small shared building blocks that every service stands on."""
