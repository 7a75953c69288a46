"""The emulator's pages in a real browser, at the size of a phone."""
