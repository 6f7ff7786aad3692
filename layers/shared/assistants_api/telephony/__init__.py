"""What a carrier's webhook needs, without API Gateway and the database: forms, signatures, markup, call tokens."""
