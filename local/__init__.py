"""What runs the API on a developer's machine, without Docker or AWS (`stack`), and what proves it (`proofs`)."""
