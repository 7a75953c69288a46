"""The catalog's pure parts: documents and cursors."""
