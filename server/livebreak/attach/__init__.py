"""The agent into a process that runs without it: by its number, or where debugpy listens in it.

What is run there is one text (`payload`); `process` and `debugpy` bring it there and take its answer back. The process is never
stopped, and what is left in it is the agent alone.
"""
