"""Starts the agent in every Python process that finds this folder on PYTHONPATH, which is how children are reached.

Python imports one module of this name at start. So whatever other `sitecustomize` would have been imported is run, too.
Written for any Python that may happen to start: an older one goes on without the agent, silently.
"""

import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))


def start() -> None:
    """Start the agent that this folder belongs to, even where the interpreter is of another environment."""
    import importlib.util

    name = "livebreak_agent"
    if importlib.util.find_spec(name) is None:
        package = os.path.dirname(FOLDER)
        path = os.path.join(package, "__init__.py")
        spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[package])
        if spec is None or spec.loader is None:
            return
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    import livebreak_agent

    if livebreak_agent.is_wanted():
        from livebreak_agent import lifecycle

        # Quietly in a child: whoever started it may read what it writes to stderr. `livebreak run` becomes the program that it
        # runs, which so has the number that was noted.
        lifecycle.start(quiet=os.environ.get("LIVEBREAK_RUN_PID") != str(os.getpid()))


def run_the_next_one() -> None:
    """Import the `sitecustomize` that this one stands before."""
    import importlib.machinery
    import importlib.util

    others = [folder for folder in sys.path if os.path.abspath(folder) != FOLDER]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


def is_left_out() -> bool:
    """Whether this process is multiprocessing's own, which runs nothing of the application, or starts the agent itself later on,
    when it knows what it runs."""
    import itertools

    arguments = list(getattr(sys, "orig_argv", ()))
    runs_agent = any(option == "-m" and name == "livebreak_agent" for option, name in itertools.pairwise(arguments))
    return runs_agent or any("multiprocessing.resource_tracker" in argument for argument in arguments)


# Older ones are no error: this folder is on the PYTHONPATH of whatever an application starts.
is_able = sys.version_info >= (3, 11)
if is_able and os.environ.get("LIVEBREAK_HOST") and not is_left_out():
    try:
        start()
    except Exception as error:  # noqa: BLE001 -- whatever it is, the program is to run
        sys.stderr.write(f"LiveBreak: the agent could not be started ({type(error).__name__}).\n")
run_the_next_one()
