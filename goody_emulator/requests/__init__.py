"""What clients asked of Goody's operations: kept for a while, looked through, and held against expectations."""
