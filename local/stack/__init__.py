"""The stack on a developer's machine: API Gateway, Lambda and DynamoDB, each with a stand-in."""
