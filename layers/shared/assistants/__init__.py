"""The assistants API: what its functions share."""
