"""How a request is declared: beside the function that answers it, with the capability that announces it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from livebreak.dap.session import DebugSession

Answer = Callable[["DebugSession", Any], Awaitable[object]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """One request of the protocol."""

    command: str
    arguments: type | None
    """The dataclass of the arguments; None where there are none that we read."""
    answer: Answer
    """Gives the body of the response, or None for one without."""
    capabilities: tuple[str, ...] = ()
    """Fields of `types.Capabilities` that are true because of it."""
    before_attach: bool = False
    """True if it makes sense while it is not known yet what is debugged."""
