"""The layer in front of Flask, over small WSGI applications."""
