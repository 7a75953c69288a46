"""What is charged, shared and paid out."""
