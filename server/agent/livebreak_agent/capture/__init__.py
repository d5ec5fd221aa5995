"""What a process holds at one moment, read without running any of the application's code.

- `raw`: reading types, fields and names past properties, metaclasses and `__getattr__`.
- `kinds`: what to make of a type: one reader for each.
- `arrays`: arrays of NumPy and tables of pandas.
- `context`: the request or task that is served, the trace, the variables of the context.
- `stdlib`: the text of dates, decimals, UUIDs, paths and enums.
- `values`: the walk through a value within limits, to the JSON form of `vocabulary.captured`.
- `frames`: the variables of frames, the stack, the thread and the task.
- `hits`: what was captured as a `model.Hit`, on the uplink's thread.
"""
