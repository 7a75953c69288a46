"""The client of Goody's API, over a transport that never leaves the process."""
