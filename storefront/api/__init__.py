"""The REST API: views that parse, call one function and return what it gives."""
