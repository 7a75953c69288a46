"""The chaos run: gifts are sold while everything breaks, and at the end the books have to agree."""
