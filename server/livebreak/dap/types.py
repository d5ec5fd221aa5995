"""The Debug Adapter Protocol's types. Written by tools/dap_types.py from the official JSON schema; do not edit.

https://microsoft.github.io/debug-adapter-protocol/specification says what each of them means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from livebreak_agent.vocabulary.codec import camel_case

_NAMES = {"adapter_id": "adapterID", "client_id": "clientID"}


def wire_name(field: str) -> str:
    """The key of a field on the wire, as `codec.to_json` and `from_json` ask for it."""
    return _NAMES.get(field) or camel_case(field)


@dataclass(frozen=True, kw_only=True)
class Breakpoint:
    verified: bool
    id: int | None = None
    message: str | None = None
    source: Source | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    instruction_reference: str | None = None
    offset: int | None = None
    reason: Literal["pending", "failed"] | None = None


@dataclass(frozen=True, kw_only=True)
class BreakpointEventBody:
    reason: str
    breakpoint: Breakpoint


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    supports_configuration_done_request: bool | None = None
    supports_function_breakpoints: bool | None = None
    supports_conditional_breakpoints: bool | None = None
    supports_hit_conditional_breakpoints: bool | None = None
    supports_evaluate_for_hovers: bool | None = None
    exception_breakpoint_filters: tuple[ExceptionBreakpointsFilter, ...] | None = None
    supports_step_back: bool | None = None
    supports_set_variable: bool | None = None
    supports_restart_frame: bool | None = None
    supports_goto_targets_request: bool | None = None
    supports_step_in_targets_request: bool | None = None
    supports_completions_request: bool | None = None
    completion_trigger_characters: tuple[str, ...] | None = None
    supports_modules_request: bool | None = None
    additional_module_columns: tuple[ColumnDescriptor, ...] | None = None
    supported_checksum_algorithms: tuple[Literal["MD5", "SHA1", "SHA256", "timestamp"], ...] | None = None
    supports_restart_request: bool | None = None
    supports_exception_options: bool | None = None
    supports_value_formatting_options: bool | None = None
    supports_exception_info_request: bool | None = None
    support_terminate_debuggee: bool | None = None
    support_suspend_debuggee: bool | None = None
    supports_delayed_stack_trace_loading: bool | None = None
    supports_loaded_sources_request: bool | None = None
    supports_log_points: bool | None = None
    supports_terminate_threads_request: bool | None = None
    supports_set_expression: bool | None = None
    supports_terminate_request: bool | None = None
    supports_data_breakpoints: bool | None = None
    supports_read_memory_request: bool | None = None
    supports_write_memory_request: bool | None = None
    supports_disassemble_request: bool | None = None
    supports_cancel_request: bool | None = None
    supports_breakpoint_locations_request: bool | None = None
    supports_clipboard_context: bool | None = None
    supports_stepping_granularity: bool | None = None
    supports_instruction_breakpoints: bool | None = None
    supports_exception_filter_options: bool | None = None
    supports_single_thread_execution_requests: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Checksum:
    algorithm: Literal["MD5", "SHA1", "SHA256", "timestamp"]
    checksum: str


@dataclass(frozen=True, kw_only=True)
class ColumnDescriptor:
    attribute_name: str
    label: str
    format: str | None = None
    type: Literal["string", "number", "boolean", "unixTimestampUTC"] | None = None
    width: int | None = None


@dataclass(frozen=True, kw_only=True)
class CompletionItem:
    label: str
    text: str | None = None
    sort_text: str | None = None
    detail: str | None = None
    type: (
        Literal[
            "method",
            "function",
            "constructor",
            "field",
            "variable",
            "class",
            "interface",
            "module",
            "property",
            "unit",
            "value",
            "enum",
            "keyword",
            "snippet",
            "text",
            "color",
            "file",
            "reference",
            "customcolor",
        ]
        | None
    ) = None
    start: int | None = None
    length: int | None = None
    selection_start: int | None = None
    selection_length: int | None = None


@dataclass(frozen=True, kw_only=True)
class CompletionsArguments:
    text: str
    column: int
    frame_id: int | None = None
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class CompletionsResponseBody:
    targets: tuple[CompletionItem, ...]


@dataclass(frozen=True, kw_only=True)
class ContinueArguments:
    thread_id: int
    single_thread: bool | None = None


@dataclass(frozen=True, kw_only=True)
class ContinueResponseBody:
    all_threads_continued: bool | None = None


@dataclass(frozen=True, kw_only=True)
class DisconnectArguments:
    restart: bool | None = None
    terminate_debuggee: bool | None = None
    suspend_debuggee: bool | None = None


@dataclass(frozen=True, kw_only=True)
class EvaluateArguments:
    expression: str
    frame_id: int | None = None
    context: str | None = None
    format: ValueFormat | None = None


@dataclass(frozen=True, kw_only=True)
class EvaluateResponseBody:
    result: str
    variables_reference: int
    type: str | None = None
    presentation_hint: VariablePresentationHint | None = None
    named_variables: int | None = None
    indexed_variables: int | None = None
    memory_reference: str | None = None


@dataclass(frozen=True, kw_only=True)
class ExceptionBreakpointsFilter:
    filter: str
    label: str
    description: str | None = None
    default: bool | None = None
    supports_condition: bool | None = None
    condition_description: str | None = None


@dataclass(frozen=True, kw_only=True)
class ExceptionDetails:
    message: str | None = None
    type_name: str | None = None
    full_type_name: str | None = None
    evaluate_name: str | None = None
    stack_trace: str | None = None
    inner_exception: tuple[ExceptionDetails, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class ExceptionFilterOptions:
    filter_id: str
    condition: str | None = None


@dataclass(frozen=True, kw_only=True)
class ExceptionInfoArguments:
    thread_id: int


@dataclass(frozen=True, kw_only=True)
class ExceptionInfoResponseBody:
    exception_id: str
    break_mode: Literal["never", "always", "unhandled", "userUnhandled"]
    description: str | None = None
    details: ExceptionDetails | None = None


@dataclass(frozen=True, kw_only=True)
class ExceptionOptions:
    break_mode: Literal["never", "always", "unhandled", "userUnhandled"]
    path: tuple[ExceptionPathSegment, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class ExceptionPathSegment:
    names: tuple[str, ...]
    negate: bool | None = None


@dataclass(frozen=True, kw_only=True)
class FunctionBreakpoint:
    name: str
    condition: str | None = None
    hit_condition: str | None = None


@dataclass(frozen=True, kw_only=True)
class InitializeRequestArguments:
    adapter_id: str
    client_id: str | None = None
    client_name: str | None = None
    locale: str | None = None
    lines_start_at1: bool | None = None
    columns_start_at1: bool | None = None
    path_format: str | None = None
    supports_variable_type: bool | None = None
    supports_variable_paging: bool | None = None
    supports_run_in_terminal_request: bool | None = None
    supports_memory_references: bool | None = None
    supports_progress_reporting: bool | None = None
    supports_invalidated_event: bool | None = None
    supports_memory_event: bool | None = None
    supports_args_can_be_interpreted_by_shell: bool | None = None
    supports_start_debugging_request: bool | None = None


@dataclass(frozen=True, kw_only=True)
class LoadedSourcesResponseBody:
    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True)
class Message:
    id: int
    format: str
    variables: Mapping[str, str] | None = None
    send_telemetry: bool | None = None
    show_user: bool | None = None
    url: str | None = None
    url_label: str | None = None


@dataclass(frozen=True, kw_only=True)
class Module:
    id: int | str
    name: str
    path: str | None = None
    is_optimized: bool | None = None
    is_user_code: bool | None = None
    version: str | None = None
    symbol_status: str | None = None
    symbol_file_path: str | None = None
    date_time_stamp: str | None = None
    address_range: str | None = None


@dataclass(frozen=True, kw_only=True)
class ModulesArguments:
    start_module: int | None = None
    module_count: int | None = None


@dataclass(frozen=True, kw_only=True)
class ModulesResponseBody:
    modules: tuple[Module, ...]
    total_modules: int | None = None


@dataclass(frozen=True, kw_only=True)
class NextArguments:
    thread_id: int
    single_thread: bool | None = None
    granularity: Literal["statement", "line", "instruction"] | None = None


@dataclass(frozen=True, kw_only=True)
class OutputEventBody:
    output: str
    category: str | None = None
    group: Literal["start", "startCollapsed", "end"] | None = None
    variables_reference: int | None = None
    source: Source | None = None
    line: int | None = None
    column: int | None = None
    data: object | None = None


@dataclass(frozen=True, kw_only=True)
class PauseArguments:
    thread_id: int


@dataclass(frozen=True, kw_only=True)
class ReverseContinueArguments:
    thread_id: int
    single_thread: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Scope:
    name: str
    variables_reference: int
    expensive: bool
    presentation_hint: str | None = None
    named_variables: int | None = None
    indexed_variables: int | None = None
    source: Source | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


@dataclass(frozen=True, kw_only=True)
class ScopesArguments:
    frame_id: int


@dataclass(frozen=True, kw_only=True)
class ScopesResponseBody:
    scopes: tuple[Scope, ...]


@dataclass(frozen=True, kw_only=True)
class SetBreakpointsArguments:
    source: Source
    breakpoints: tuple[SourceBreakpoint, ...] | None = None
    lines: tuple[int, ...] | None = None
    source_modified: bool | None = None


@dataclass(frozen=True, kw_only=True)
class SetBreakpointsResponseBody:
    breakpoints: tuple[Breakpoint, ...]


@dataclass(frozen=True, kw_only=True)
class SetExceptionBreakpointsArguments:
    filters: tuple[str, ...]
    filter_options: tuple[ExceptionFilterOptions, ...] | None = None
    exception_options: tuple[ExceptionOptions, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class SetExceptionBreakpointsResponseBody:
    breakpoints: tuple[Breakpoint, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class SetFunctionBreakpointsArguments:
    breakpoints: tuple[FunctionBreakpoint, ...]


@dataclass(frozen=True, kw_only=True)
class SetFunctionBreakpointsResponseBody:
    breakpoints: tuple[Breakpoint, ...]


@dataclass(frozen=True, kw_only=True)
class Source:
    name: str | None = None
    path: str | None = None
    source_reference: int | None = None
    presentation_hint: Literal["normal", "emphasize", "deemphasize"] | None = None
    origin: str | None = None
    sources: tuple[Source, ...] | None = None
    adapter_data: object | None = None
    checksums: tuple[Checksum, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class SourceArguments:
    source_reference: int
    source: Source | None = None


@dataclass(frozen=True, kw_only=True)
class SourceBreakpoint:
    line: int
    column: int | None = None
    condition: str | None = None
    hit_condition: str | None = None
    log_message: str | None = None


@dataclass(frozen=True, kw_only=True)
class SourceResponseBody:
    content: str
    mime_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class StackFrame:
    id: int
    name: str
    line: int
    column: int
    source: Source | None = None
    end_line: int | None = None
    end_column: int | None = None
    can_restart: bool | None = None
    instruction_pointer_reference: str | None = None
    module_id: int | str | None = None
    presentation_hint: Literal["normal", "label", "subtle"] | None = None


@dataclass(frozen=True, kw_only=True)
class StackTraceArguments:
    thread_id: int
    start_frame: int | None = None
    levels: int | None = None
    format: object | None = None


@dataclass(frozen=True, kw_only=True)
class StackTraceResponseBody:
    stack_frames: tuple[StackFrame, ...]
    total_frames: int | None = None


@dataclass(frozen=True, kw_only=True)
class StepBackArguments:
    thread_id: int
    single_thread: bool | None = None
    granularity: Literal["statement", "line", "instruction"] | None = None


@dataclass(frozen=True, kw_only=True)
class StepInArguments:
    thread_id: int
    single_thread: bool | None = None
    target_id: int | None = None
    granularity: Literal["statement", "line", "instruction"] | None = None


@dataclass(frozen=True, kw_only=True)
class StepInTarget:
    id: int
    label: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


@dataclass(frozen=True, kw_only=True)
class StepInTargetsArguments:
    frame_id: int


@dataclass(frozen=True, kw_only=True)
class StepInTargetsResponseBody:
    targets: tuple[StepInTarget, ...]


@dataclass(frozen=True, kw_only=True)
class StepOutArguments:
    thread_id: int
    single_thread: bool | None = None
    granularity: Literal["statement", "line", "instruction"] | None = None


@dataclass(frozen=True, kw_only=True)
class StoppedEventBody:
    reason: str
    description: str | None = None
    thread_id: int | None = None
    preserve_focus_hint: bool | None = None
    text: str | None = None
    all_threads_stopped: bool | None = None
    hit_breakpoint_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class TerminateArguments:
    restart: bool | None = None


@dataclass(frozen=True, kw_only=True)
class TerminatedEventBody:
    restart: object | None = None


@dataclass(frozen=True, kw_only=True)
class Thread:
    id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class ThreadEventBody:
    reason: str
    thread_id: int


@dataclass(frozen=True, kw_only=True)
class ThreadsResponseBody:
    threads: tuple[Thread, ...]


@dataclass(frozen=True, kw_only=True)
class ValueFormat:
    hex: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Variable:
    name: str
    value: str
    variables_reference: int
    type: str | None = None
    presentation_hint: VariablePresentationHint | None = None
    evaluate_name: str | None = None
    named_variables: int | None = None
    indexed_variables: int | None = None
    memory_reference: str | None = None


@dataclass(frozen=True, kw_only=True)
class VariablePresentationHint:
    kind: str | None = None
    attributes: tuple[str, ...] | None = None
    visibility: str | None = None
    lazy: bool | None = None


@dataclass(frozen=True, kw_only=True)
class VariablesArguments:
    variables_reference: int
    filter: Literal["indexed", "named"] | None = None
    start: int | None = None
    count: int | None = None
    format: ValueFormat | None = None


@dataclass(frozen=True, kw_only=True)
class VariablesResponseBody:
    variables: tuple[Variable, ...]
