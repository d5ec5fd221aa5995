// The messages of `livebreak lsp`, as far as this extension reads them. Lines are 0-based.

export interface EditorBreakpoint {
  id: string;
  line: number;
  enabled: boolean;
  condition?: string;
  logMessage?: string;
}

export interface SetBreakpointsParams {
  uri: string;
  version?: number;
  breakpoints: EditorBreakpoint[];
}

export interface BreakpointState {
  id: string;
  line: number;
  state: string;
  message: string;
  trouble?: string;
  editorId?: string;
  mine: boolean;
  owner?: string;
  condition?: string;
  logMessage?: string;
}

export interface BreakpointsParams {
  uri: string;
  version?: number;
  breakpoints: BreakpointState[];
}

export interface HitsParams {
  uri: string;
  breakpointId: string;
  summary: string;
}

export interface CheckConditionResult {
  ok: boolean;
  message?: string;
  doubt?: string;
}

export interface Status {
  connection: "off" | "connecting" | "connected" | "offline" | "refused";
  message: string;
  host?: string;
  project?: string;
}

/** The answer to `livebreak/replay`, a request of the debug adapter's. */
export interface Replay {
  script: string;
  missing: string[];
}
