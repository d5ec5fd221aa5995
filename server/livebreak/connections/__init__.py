"""What is remembered of backends on this machine: named connections, keys by origin, and what `livebreak serve` leaves.

`choose` is the door: from the environment and from what is stored, one `Settings`. A key goes to the origin that it was
stored under and to no other, and nothing here reads a file of a workspace.
"""
