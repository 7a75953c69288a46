"""Who is let to the door, and how often: client addresses behind proxies, limits, origins of browsers."""
