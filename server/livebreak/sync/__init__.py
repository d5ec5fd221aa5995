"""Keeps the core and the remote in step: stream or poll, an outbox while offline, back-off. asyncio, and no protocol."""
