"""MCP servers over streamable HTTP, and the registry that lists and checks them."""
