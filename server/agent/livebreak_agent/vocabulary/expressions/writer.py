"""From the tree of an expression to guarded Python code: each part is checked against a whitelist and written anew.

The code that comes out holds no operator of Python's on a value whose exact type is not known: such an operator is a call
into `operators`, `data` or `functions`. The commonest forms, comparing something with a constant and taking a length,
first look at the exact type in place, so that a condition that is false costs little more than its lookups.

In the code, a variable stands between two `MARK`s for whoever knows where it is to be read; `B` is the budget, `S` says what is
secret, `v_x` is a comprehension's variable and `t1` a temporary value.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from livebreak_agent.vocabulary.expressions import data, functions, limits, operators, spending, text
from livebreak_agent.vocabulary.expressions.errors import ExpressionError

MARK = "\0"
"""On both sides of a variable's name; it is a character that no expression can hold."""


@dataclass(frozen=True, slots=True)
class Code:
    source: str
    kind: type | None = None
    """The exact type of the value, where it is certain."""
    constant: bool = False


_COMPARISONS = {
    ast.Eq: ("==", "equal"), ast.NotEq: ("!=", "unequal"), ast.Lt: ("<", "less"), ast.LtE: ("<=", "less_or_equal"),
    ast.Gt: (">", "greater"), ast.GtE: (">=", "greater_or_equal"), ast.In: ("in", "contains"), ast.NotIn: ("not in", "excludes"),
}  # fmt: skip
_OPERATORS = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.FloorDiv: "floor_divide",
    ast.Mod: "remainder", ast.Pow: "power", ast.LShift: "shift_left", ast.RShift: "shift_right", ast.BitOr: "bit_or",
    ast.BitAnd: "bit_and", ast.BitXor: "bit_xor",
}  # fmt: skip
_UNARY = {ast.UAdd: "plus", ast.USub: "minus", ast.Invert: "invert"}
_CALLED = ("equal", "unequal", "less", "less_or_equal", "greater", "greater_or_equal", "contains", "excludes")


def _hashable(value: Any, budget: spending.Budget) -> Any:
    data.check_key(value, budget)
    return value


def _dict_of(pairs: list[tuple[Any, Any]], budget: spending.Budget) -> dict[Any, Any]:
    for key, _ in pairs:
        data.check_key(key, budget)
    return dict(pairs)


NAMESPACE: dict[str, Any] = {
    "__builtins__": {},
    "Exception": Exception, "type": type, "len": len, "any": any, "all": all,
    "str": str, "int": int, "float": float, "list": list, "dict": dict,
    **{name: getattr(operators, name) for name in (*_CALLED, *_OPERATORS.values(), *_UNARY.values())},
    **{name: getattr(data, name) for name in ("truth", "length", "attribute", "item", "slice_of")},
    **{name: getattr(data, name) for name in ("elements", "unpacked", "same", "is_a")},
    "hashable": _hashable, "dict_of": _dict_of,
    "shown": text.shown, "joined": text.joined,
    **{f"call_{name}": function for name, (function, *_) in functions.FUNCTIONS.items()},
    **{f"kind_{name}": kind for name, kind in functions.TYPES.items()},
}  # fmt: skip


class Writer:
    """Writes one expression; each method takes a node and gives its guarded code."""

    def __init__(self, text: str) -> None:
        self.names: set[str] = set()
        self.constants: dict[str, Any] = {}
        self.uses_budget = False
        self._text = text
        self._nodes = 0
        self._depth = 0
        self._bound: list[str] = []
        self._temporaries = 0
        self._in_place = True
        """False inside comprehensions and lambdas, where Python forbids or rescopes an assignment in an expression."""

    def write(self, node: ast.AST) -> Code:
        """The code of a node; `ExpressionError` if it, or a part of it, is refused."""
        self._nodes += 1
        self._depth += 1
        if self._nodes > limits.NODES:
            raise self._error(node, f"The expression has more than {limits.NODES} parts.")
        if self._depth > limits.NESTING:
            raise self._error(node, f"The expression is nested more than {limits.NESTING} levels deep.")
        method = getattr(self, f"_write_{type(node).__name__}", None)
        if method is None:
            raise self._error(node, _REFUSALS.get(type(node).__name__, "This is not part of the expression language."))
        code: Code = method(node)
        self._depth -= 1
        return code

    def _error(self, node: ast.AST, message: str) -> ExpressionError:
        line, offset = getattr(node, "lineno", None), getattr(node, "col_offset", None)
        if line is None or offset is None:
            return ExpressionError(message)
        lines = self._text.split("\n")[:line]
        # Python's offsets are in bytes of UTF-8.
        in_line = len(lines[-1].encode("utf-8", "replace")[:offset].decode("utf-8", "ignore"))
        return ExpressionError(message, min(sum(len(above) + 1 for above in lines[:-1]) + in_line, len(self._text)))

    def _source(self, node: ast.AST) -> str:
        return self.write(node).source

    def _truth(self, node: ast.AST) -> str:
        if isinstance(node, ast.BoolOp):
            return f"({_word(node).join(self._truth(value) for value in node.values)})"
        code = self.write(node)
        return code.source if code.kind is bool else f"truth({code.source})"

    def _call(self, name: str, *arguments: str) -> str:
        self.uses_budget = True
        return f"{name}({', '.join(arguments)}, B)"

    def _temporary(self) -> str:
        self._temporaries += 1
        return f"t{self._temporaries}"

    # Each method below is named for the node of Python's grammar that it writes.

    def _write_Constant(self, node: ast.Constant) -> Code:  # noqa: N802
        value = node.value
        if type(value) in (float, complex):
            # An infinity, `1e999`, cannot be written as a constant.
            name = f"C{len(self.constants)}"
            self.constants[name] = value
            return Code(name, type(value), constant=True)
        if value is None or type(value) in (int, bool, str, bytes):
            if type(value) is int and value.bit_length() > limits.INTEGER_BITS:
                raise self._error(node, f"The number has more than {limits.INTEGER_BITS:,} bits.")
            return Code(f"({value!r})" if type(value) is int else repr(value), type(value), constant=True)
        raise self._error(node, "This constant is not part of the expression language.")

    def _write_Name(self, node: ast.Name) -> Code:  # noqa: N802
        if node.id in self._bound:
            return Code(f"v_{node.id}")
        self.names.add(node.id)
        return Code(f"{MARK}{node.id}{MARK}")

    def _write_Attribute(self, node: ast.Attribute) -> Code:  # noqa: N802
        if node.attr.startswith("__") and node.attr.endswith("__"):
            raise self._error(node, f"{node.attr} is refused, since it leads to the program's own machinery.")
        return Code(self._call("attribute", self._source(node.value), repr(node.attr)))

    def _write_Subscript(self, node: ast.Subscript) -> Code:  # noqa: N802
        value = self._source(node.value)
        if isinstance(node.slice, ast.Slice):
            bounds = (node.slice.lower, node.slice.upper, node.slice.step)
            return Code(self._call("slice_of", value, *("None" if bound is None else self._source(bound) for bound in bounds)))
        return Code(self._call("item", value, self._source(node.slice)))

    def _write_Compare(self, node: ast.Compare) -> Code:  # noqa: N802
        if len(node.ops) == 1:
            return Code(self._compare(self.write(node.left), node.ops[0], self.write(node.comparators[0]), node), bool)
        return Code(self._chain(self.write(node.left), node.ops, node.comparators, node), bool)

    def _chain(self, left: Code, operations: list[ast.cmpop], others: list[ast.expr], node: ast.AST) -> str:
        """`left < b < c`: b is evaluated once, and c only if `left < b`."""
        right = self.write(others[0])
        if len(operations) == 1:
            return self._compare(left, operations[0], right, node)
        one, other = Code(self._temporary(), left.kind), Code(self._temporary(), right.kind)
        first = self._compare(one, operations[0], other, node)
        rest = self._chain(other, operations[1:], others[1:], node)
        return f"(lambda {one.source}, {other.source}: {first} and {rest})({left.source}, {right.source})"

    def _compare(self, left: Code, operation: ast.cmpop, right: Code, node: ast.AST) -> str:
        if isinstance(operation, ast.Is | ast.IsNot):
            for code in (left, right):
                if code.constant and code.kind not in (bool, type(None)):
                    raise self._error(node, "`is` compares identities; write == to compare with a text or a number.")
            return f"{'not ' if isinstance(operation, ast.IsNot) else ''}same({left.source}, {right.source})"
        sign, name = _COMPARISONS[type(operation)]
        if sign not in _IN_PLACE_SIGNS or not right.constant or right.kind not in (str, int, float):
            return self._call(name, left.source, right.source)
        if left.kind is right.kind:
            return f"({left.source} {sign} {right.source})"
        if not self._in_place:
            return self._call(name, left.source, right.source)
        value = self._temporary()
        # Comparing with a constant takes few steps, and mostly is not even called: it is not worth making a budget beforehand.
        called = f"{name}({value}, {right.source}, B or [{limits.STEPS}, S])"
        return f"({value} {sign} {right.source} if type({value} := {left.source}) is {right.kind.__name__} else {called})"

    def _write_BoolOp(self, node: ast.BoolOp) -> Code:  # noqa: N802
        codes = [self.write(value) for value in node.values]
        word = _word(node)
        if all(code.kind is bool for code in codes[:-1]):
            return Code(f"({word.join(code.source for code in codes)})", codes[-1].kind)
        # The value is that of the operand that decides, and only its truth is guarded: (lambda t: b if truth(t) else t)(a).
        source = codes[-1].source
        for code in reversed(codes[:-1]):
            value = self._temporary()
            chosen = f"{source} if truth({value}) else {value}" if word == " and " else f"{value} if truth({value}) else {source}"
            source = f"(lambda {value}: {chosen})({code.source})"
        return Code(source)

    def _write_UnaryOp(self, node: ast.UnaryOp) -> Code:  # noqa: N802
        if isinstance(node.op, ast.Not):
            return Code(f"(not {self._truth(node.operand)})", bool)
        code = self.write(node.operand)
        if isinstance(node.op, ast.USub) and code.constant and code.kind is int:
            return Code(f"(-{code.source})", int, constant=True)
        return Code(f"{_UNARY[type(node.op)]}({code.source})")

    def _write_BinOp(self, node: ast.BinOp) -> Code:  # noqa: N802
        name = _OPERATORS.get(type(node.op))
        if name is None:
            raise self._error(node, "The operator @ is not part of the expression language.")
        return Code(self._call(name, self._source(node.left), self._source(node.right)))

    def _write_IfExp(self, node: ast.IfExp) -> Code:  # noqa: N802
        test, body, orelse = self._truth(node.test), self.write(node.body), self.write(node.orelse)
        kind = body.kind if body.kind is orelse.kind else None
        return Code(f"({body.source} if {test} else {orelse.source})", kind)

    def _write_List(self, node: ast.List) -> Code:  # noqa: N802
        return Code(f"[{', '.join(self._source(item) for item in node.elts)}]", list)

    def _write_Tuple(self, node: ast.Tuple) -> Code:  # noqa: N802
        return Code(f"({''.join(self._source(item) + ', ' for item in node.elts)})", tuple)

    def _write_Set(self, node: ast.Set) -> Code:  # noqa: N802
        return Code(f"{{{', '.join(self._call('hashable', self._source(item)) for item in node.elts)}}}", set)

    def _write_Dict(self, node: ast.Dict) -> Code:  # noqa: N802
        parts = []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                raise self._error(node, "** is not part of the expression language.")
            parts.append(f"{self._call('hashable', self._source(key))}: {self._source(value)}")
        return Code(f"{{{', '.join(parts)}}}", dict)

    def _write_JoinedStr(self, node: ast.JoinedStr) -> Code:  # noqa: N802
        parts = ", ".join(self._source(part) for part in node.values)
        return Code(self._call("joined", f"({parts},)" if parts else "()"), str)

    def _write_FormattedValue(self, node: ast.FormattedValue) -> Code:  # noqa: N802
        spec = ""
        for part in node.format_spec.values if isinstance(node.format_spec, ast.JoinedStr) else ():
            if not isinstance(part, ast.Constant) or type(part.value) is not str:
                raise self._error(node, "A format specification must be a constant, such as `.2f`.")
            spec += part.value
        text.check_spec(spec)
        conversion = chr(node.conversion) if node.conversion > 0 else ""
        return Code(self._call("shown", self._source(node.value), repr(conversion), repr(spec)), str)

    def _write_Call(self, node: ast.Call) -> Code:  # noqa: N802
        if not isinstance(node.func, ast.Name):
            raise self._error(
                node,
                "Calls of methods are refused, since they could run the application's code; use len, any, `in`, slices, ...",
            )
        name = node.func.id
        if any(isinstance(argument, ast.Starred) for argument in node.args) or any(word.arg is None for word in node.keywords):
            raise self._error(node, "* and ** are not part of the expression language.")
        if name == "len":
            return self._write_len(node)
        if name == "isinstance":
            return self._write_isinstance(node)
        if name not in functions.FUNCTIONS:
            known = ", ".join(functions.FUNCTION_NAMES)
            raise self._error(node, f"{name} cannot be called, since that could run the application's code; there are {known}.")
        _, fewest, most, keywords = functions.FUNCTIONS[name]
        words = [str(word.arg) for word in node.keywords]
        if not fewest <= len(node.args) <= most or len(set(words)) < len(words) or not keywords.issuperset(words):
            raise self._error(node, f"{name} does not take these arguments.")
        if ("start" in words and len(node.args) > 1) or ("base" in words and len(node.args) != 1):
            raise self._error(node, f"{name} does not take these arguments.")
        if name in ("any", "all") and isinstance(node.args[0], ast.GeneratorExp):
            # These stop at the first element that decides.
            source, iterated = self._comprehension(node.args[0].generators, node.args[0].elt, truth=True)
            return Code(f"{name}({source} {iterated})", bool)
        self.uses_budget = True
        arguments = [self._argument(name, argument) for argument in node.args]
        arguments += [f"{word.arg}={self._source(word.value)}" for word in node.keywords]
        return Code(f"call_{name}({', '.join(('B', *arguments))})", _RESULTS.get(name))

    def _argument(self, function: str, node: ast.expr) -> str:
        if isinstance(node, ast.GeneratorExp) and function in _TAKES_ITEMS:
            source, iterated = self._comprehension(node.generators, node.elt)
            return f"[{source} {iterated}]"
        return self._source(node)

    def _write_len(self, node: ast.Call) -> Code:
        if len(node.args) != 1 or node.keywords:
            raise self._error(node, "len takes one argument.")
        value = self._source(node.args[0])
        if not self._in_place:
            return Code(f"length({value})", int)
        name = self._temporary()
        return Code(f"(len({name}) if type({name} := {value}) is list or type({name}) is dict else length({name}))", int)

    def _write_isinstance(self, node: ast.Call) -> Code:
        if len(node.args) != 2 or node.keywords:
            raise self._error(node, "isinstance takes two arguments.")
        kinds = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
        names = [kind.id for kind in kinds if isinstance(kind, ast.Name) and kind.id in functions.TYPES]
        if len(names) < len(kinds):
            raise self._error(
                node.args[1], f"isinstance can ask for {', '.join(functions.TYPES)}, and for several of them in brackets."
            )
        return Code(f"is_a({', '.join((self._source(node.args[0]), *(f'kind_{name}' for name in names)))})", bool)

    def _write_ListComp(self, node: ast.ListComp) -> Code:  # noqa: N802
        source, iterated = self._comprehension(node.generators, node.elt)
        return Code(f"[{source} {iterated}]", list)

    def _write_SetComp(self, node: ast.SetComp) -> Code:  # noqa: N802
        source, iterated = self._comprehension(node.generators, node.elt)
        return Code(f"{{{self._call('hashable', source)} {iterated}}}", set)

    def _write_DictComp(self, node: ast.DictComp) -> Code:  # noqa: N802
        # The two are written as one so that both are inside the loops.
        pair = ast.copy_location(ast.Tuple(elts=[node.key, node.value], ctx=ast.Load()), node)
        source, iterated = self._comprehension(node.generators, pair)
        return Code(self._call("dict_of", f"[{source} {iterated}]"), dict)

    def _comprehension(self, generators: list[ast.comprehension], element: ast.expr, *, truth: bool = False) -> tuple[str, str]:
        """The element's code, and the `for ... if ...` parts; each pass is charged with the number of parts it evaluates."""
        bound, in_place = len(self._bound), self._in_place
        self._in_place = False
        self.uses_budget = True
        loops: list[tuple[str, str, int, str, int]] = []
        targets: list[tuple[str, int]] = []
        for generator in generators:
            if generator.is_async:
                raise self._error(element, "async is not part of the expression language.")
            iterable = self._source(generator.iter)
            if not targets:
                # As in Python, only the first iterable is outside of the scope that all the names belong to.
                targets = [self._bind(other.target) for other in generators]
            target, count = targets[len(loops)]
            nodes = self._nodes
            conditions = "".join(f" if {self._truth(condition)}" for condition in generator.ifs)
            loops.append((target, iterable, count, conditions, self._nodes - nodes))
        nodes = self._nodes
        source = self._truth(element) if truth else self._source(element)
        cost = self._nodes - nodes
        parts: list[str] = []
        for target, iterable, count, conditions, nodes in reversed(loops):
            cost += nodes + 1
            rows = f"elements({iterable}, B, {cost})"
            parts.insert(0, f"for {target} in {f'unpacked({rows}, {count}, B)' if count else rows}{conditions}")
        del self._bound[bound:]
        self._in_place = in_place
        return source, " ".join(parts)

    def _bind(self, target: ast.expr) -> tuple[str, int]:
        """The code of a comprehension's target, and how many names it unpacks, 0 for a single one."""
        names = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        bound = [name.id for name in names if isinstance(name, ast.Name)]
        if not bound or len(bound) < len(names):
            raise self._error(target, "A comprehension goes over one name, or several, such as `for name, price in items`.")
        self._bound += bound
        if target is names[0]:
            return f"v_{bound[0]}", 0
        return f"({''.join(f'v_{name}, ' for name in bound)})", len(bound)


def _word(node: ast.BoolOp) -> str:
    return " and " if isinstance(node.op, ast.And) else " or "


_IN_PLACE_SIGNS = frozenset(("==", "!=", "<", "<=", ">", ">="))
_TAKES_ITEMS = frozenset(("any", "all", "sum", "min", "max", "sorted"))
_RESULTS: dict[str, type] = {
    "any": bool, "all": bool, "bool": bool, "str": str, "repr": str, "int": int, "float": float, "sorted": list,
}  # fmt: skip
_REFUSALS = {
    "Lambda": "Functions are not part of the expression language; use a comprehension.",
    "NamedExpr": "An expression cannot assign; write == to compare.",
    "Await": "await is refused, since it would run the application's code.",
    "Yield": "yield is not part of the expression language.",
    "YieldFrom": "yield is not part of the expression language.",
    "Starred": "* is not part of the expression language.",
    "GeneratorExp": "A generator can only be given to any, all, sum, min, max and sorted; put it in [ ].",
    "Slice": "A slice takes one list, tuple or text; several dimensions are not part of the expression language.",
    "TemplateStr": "Template strings are not part of the expression language; use an f-string.",
}
"""By the name of the node, because older Pythons do not have all of them."""
