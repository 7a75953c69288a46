"""Events as they happen: server-sent events from an asyncio listener beside the web process."""
