"""Stand-ins for carriers' APIs, each with one account in memory. They check what the documented APIs check."""
