"""What a request may say and what a resource is: pydantic models and business rules, pure, one noun a file."""
