"""What the emulator remembers, and its clock."""
