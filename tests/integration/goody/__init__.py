"""The client of Goody's API against Goody's own examples, and against sockets that misbehave."""
