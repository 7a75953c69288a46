"""From Goody: every page read, and the supplier snapshot brought up to date."""
