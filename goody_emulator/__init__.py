"""A stateful local emulator of Goody's Commerce API: a program of its own that shares no code with the storefront."""
