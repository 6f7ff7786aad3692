"""The single table: all key formats are in `keys`, all DynamoDB calls in `table`, and each noun's items in its file."""
