"""What the client has announced that it can do: nothing else is sent to it."""

from __future__ import annotations

from lsprotocol.types import ClientCapabilities, MarkupKind


def takes_related_information(able: ClientCapabilities) -> bool:
    """Places beside a diagnostic: the frames of a hit's stack."""
    document = able.text_document
    published = document.publish_diagnostics if document is not None else None
    return published is not None and bool(published.related_information)


def takes_disabled_actions(able: ClientCapabilities) -> bool:
    """Code actions that are shown, cannot be chosen, and say why."""
    document = able.text_document
    return document is not None and document.code_action is not None and bool(document.code_action.disabled_support)


def markup_of_hovers(able: ClientCapabilities) -> MarkupKind:
    document = able.text_document
    formats = document.hover.content_format if document is not None and document.hover is not None else None
    # A client that names none is from before there was a choice, when there was only Markdown.
    return MarkupKind.PlainText if formats and MarkupKind.Markdown not in formats else MarkupKind.Markdown


def asks_again_for_inlay_hints(able: ClientCapabilities) -> bool:
    """False where inlay hints are those from when the text was last changed, however old (Helix, eglot)."""
    workspace = able.workspace
    return workspace is not None and workspace.inlay_hint is not None and bool(workspace.inlay_hint.refresh_support)


def asks_again_for_code_lenses(able: ClientCapabilities) -> bool:
    workspace = able.workspace
    return workspace is not None and workspace.code_lens is not None and bool(workspace.code_lens.refresh_support)


def shows_progress(able: ClientCapabilities) -> bool:
    return able.window is not None and bool(able.window.work_done_progress)


def asks_questions(able: ClientCapabilities) -> bool:
    """`window/showMessageRequest`, with the user's answer."""
    return able.window is not None and able.window.show_message is not None


def opens_documents(able: ClientCapabilities) -> bool:
    """`window/showDocument`."""
    return able.window is not None and able.window.show_document is not None and able.window.show_document.support
