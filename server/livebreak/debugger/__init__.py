"""The core: no protocol, no IO, no asyncio, no threads. It cannot fail, it can only report."""
