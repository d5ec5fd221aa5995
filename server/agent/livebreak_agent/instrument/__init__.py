"""How a line of running code is made to call the agent, and let go of again.

- `files`: which loaded file a breakpoint's path means.
- `sources`: the text that the process loaded, and whether it still is what is on disk.
- `loaded`: what is known of one loaded file, and of all.
- `reach`: the code and functions of a module that is already loaded.
- `lines`: which code objects a line is in, and where in them a pass over it begins.
- `sites`: what an instrument is told to watch.
- `monitoring`: the instrument of Python 3.12 and newer, on `sys.monitoring`.
- `injection`, `imports`: the instrument of Python 3.11, on changed bytecode.
- `guard`: which exceptions may leave a hook.
"""
