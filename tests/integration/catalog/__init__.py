"""The catalog over a real SQLite file and the real client of Goody's API."""
