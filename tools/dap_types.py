"""Writes server/livebreak/dap/types.py: dataclasses from the official JSON schema of the Debug Adapter Protocol.

    .venv/bin/python tools/dap_types.py            writes the file
    .venv/bin/python tools/dap_types.py --check    exit status 1 if it would differ

The schema is the one that debugpy ships, so requirements/dev.txt pins it. datamodel-code-generator was looked at: it calls
the bodies of responses Body1 to Body43. Only what the adapter speaks is written, since each dataclass costs start-up time.
"""

from __future__ import annotations

import json
import keyword
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from livebreak_agent.vocabulary.codec import camel_case

TARGET = Path(__file__).parents[1] / "server/livebreak/dap/types.py"
SCHEMA = ("_vendored", "pydevd", "_pydevd_bundle", "_debug_adapter", "debugProtocol.json")

COMMANDS = (
    "initialize", "configurationDone", "disconnect", "terminate",
    "setBreakpoints", "setFunctionBreakpoints", "setExceptionBreakpoints", "continue", "next", "stepIn", "stepOut", "stepBack",
    "reverseContinue", "pause", "threads", "stackTrace", "scopes", "variables", "source", "loadedSources", "modules", "evaluate",
    "completions", "exceptionInfo", "stepInTargets",
)  # fmt: skip
EVENTS = ("stopped", "thread", "output", "breakpoint", "terminated")

HEAD = '''"""The Debug Adapter Protocol's types. Written by tools/dap_types.py from the official JSON schema; do not edit.

https://microsoft.github.io/debug-adapter-protocol/specification says what each of them means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from livebreak_agent.vocabulary.codec import camel_case

'''


def main() -> int:
    text = formatted("".join(module(json.loads(schema_path().read_text("utf-8"))["definitions"])))
    if "--check" in sys.argv[1:]:
        return int(not TARGET.is_file() or text != TARGET.read_text("utf-8"))
    TARGET.write_text(text, "utf-8")
    return 0


def schema_path() -> Path:
    """The official schema, as debugpy ships it."""
    return Path(str(files("debugpy").joinpath(*SCHEMA)))


def formatted(text: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    command = [str(ruff), "format", "--stdin-filename", str(TARGET), "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=TARGET.parents[3]).stdout


def module(definitions: dict[str, Any]) -> Iterator[str]:
    shapes = dict(sorted(shapes_of(definitions).items()))
    odd = sorted({name for shape in shapes.values() for name in shape["properties"] if camel_case(field_name(name)) != name})
    yield HEAD
    yield "_NAMES = {" + ", ".join(f"{field_name(name)!r}: {name!r}" for name in odd) + "}\n\n\n"
    yield "def wire_name(field: str) -> str:\n"
    yield '    """The key of a field on the wire, as `codec.to_json` and `from_json` ask for it."""\n'
    yield "    return _NAMES.get(field) or camel_case(field)\n"
    for name, shape in shapes.items():
        yield "\n\n@dataclass(frozen=True, kw_only=True)\n"
        yield f"class {name}:\n"
        required = set(shape.get("required", ()))
        fields = sorted(shape["properties"].items(), key=lambda item: item[0] not in required)
        for key, value in fields:
            kind = python_type(value, definitions)
            yield f"    {field_name(key)}: {kind}\n" if key in required else f"    {field_name(key)}: {kind} | None = None\n"
        if not fields:
            yield "    pass\n"


def shapes_of(definitions: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The objects that the commands and events need, by the name of their class."""
    shapes: dict[str, dict[str, Any]] = {}
    roots = [{"$ref": "#/definitions/Message"}, {"$ref": "#/definitions/Capabilities"}]
    for command in COMMANDS:
        name = command[0].upper() + command[1:]
        properties = parts_of(definitions[f"{name}Request"])
        roots.append(properties.get("arguments", {}))
        body = parts_of(definitions[f"{name}Response"]).get("body", {})
        roots.append(named(shapes, f"{name}ResponseBody", body))
    for event in EVENTS:
        name = event[0].upper() + event[1:]
        roots.append(named(shapes, f"{name}EventBody", parts_of(definitions[f"{name}Event"]).get("body", {})))
    for reference in [reference for root in roots for reference in references(root)]:
        collect(shapes, reference, definitions)
    return shapes


def parts_of(definition: dict[str, Any]) -> dict[str, Any]:
    """The properties that a request, response or event adds to what all of its kind have."""
    return {key: value for part in definition["allOf"] for key, value in part.get("properties", {}).items()}


def named(shapes: dict[str, dict[str, Any]], name: str, body: dict[str, Any]) -> dict[str, Any]:
    if "properties" in body:
        shapes[name] = body
    return body


def collect(shapes: dict[str, dict[str, Any]], name: str, definitions: dict[str, Any]) -> None:
    definition = definitions[name]
    if name in shapes or "properties" not in definition:
        return
    shapes[name] = definition
    for reference in references(definition):
        collect(shapes, reference, definitions)


def references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].rpartition("/")[2]
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def field_name(key: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", key.strip("_")).lower()
    if key.startswith("__"):
        # Other objects have a key without the underscores, and it is another one.
        return f"{words}_data"
    return f"{words}_" if keyword.iskeyword(words) else words


def python_type(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return name if "properties" in definitions[name] else python_type(definitions[name], definitions)
    if "enum" in schema:
        return f"Literal[{', '.join(json.dumps(item) for item in schema['enum'])}]"
    if "oneOf" in schema:
        return " | ".join(python_type(item, definitions) for item in schema["oneOf"])
    kind = schema.get("type")
    if isinstance(kind, list):
        plain = [SCALARS[item] for item in kind if item in SCALARS]
        return "object" if len(kind) > len(plain) else " | ".join(plain)
    if kind == "array":
        return f"tuple[{python_type(schema['items'], definitions)}, ...]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"Mapping[str, {python_type(inner, definitions) if isinstance(inner, dict) else 'object'}]"
    return SCALARS.get(str(kind), "object")


SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


if __name__ == "__main__":
    sys.exit(main())
