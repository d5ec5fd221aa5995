"""`window/showMessageRequest`: a question whose answer is no, unless somebody says yes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from livebreak.lsp.abilities import asks_questions
from livebreak.lsp.page import visible
from livebreak.lsp.to_proto import whole

_log = logging.getLogger(__name__)

YES, NO = "Arm", "Do not arm"

PATIENCE = 120.0
"""Seconds; somebody who has not answered by then does not look at the editor, and silence is a no."""


async def confirm(ls: LanguageServer, question: str, say: Callable[[types.MessageType, str], None]) -> bool:
    """Ask the user. False, too, where the client cannot ask, the question is dismissed, or nobody answers in time."""
    if not asks_questions(ls.client_capabilities):
        say(
            types.MessageType.Warning,
            f"{question} This editor cannot ask, so they are not armed. `livebreak lsp --yes-production`, "
            "or `yesProduction` in its initialization options, says yes.",
        )
        return False
    params = types.ShowMessageRequestParams(
        type=types.MessageType.Warning,
        message=whole(f"LiveBreak: {visible(question)}"),
        actions=[types.MessageActionItem(title=YES), types.MessageActionItem(title=NO)],
    )
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await ls.window_show_message_request_async(params)
    except TimeoutError:
        return False
    except JsonRpcException as error:
        _log.warning("The client could not ask a question: %s", type(error).__name__)
        return False
    return answer is not None and answer.title == YES
