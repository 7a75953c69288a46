"""The demo, without its programs."""
