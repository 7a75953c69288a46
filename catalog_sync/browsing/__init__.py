"""What is published, for those who browse and buy."""
