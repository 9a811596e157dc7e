"""The response's collections, a group a file."""
