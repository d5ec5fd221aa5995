"""The part of LiveBreak that lives inside an application: `start()` and `stop()`."""

__version__ = "0.1.0"
