"""The words that the application's side and the IDE's side share: the one thing both import.

Pure and standard library only: nothing here reads a file, opens a socket or starts a thread.

- `model`: what a breakpoint, a hit, a frame, a binding and a process are.
- `wire`: the messages of the live routes (`/api/projects/:id/livebreak/`) and of the `livebreak/` LSP messages.
- `codec`: those dataclasses to and from JSON.
- `captured`: how a captured value is written as JSON, and read back into a tree.
- `hit_event`: a hit to and from the `$data_breakpoint_hit` event that carries it.
- `anchor`: what pins a breakpoint to code, and the one function that finds it again.
- `expressions`: the safe expression language of conditions, log messages, watches and filters.
- `hit_names`: what an expression sees of a hit, for filters.
- `repository`: what a repository is called, whatever form its git remote has.
- `summary`: what one line of text can show of a hit.
"""
