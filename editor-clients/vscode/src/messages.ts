// The messages of `livebreak lsp`, as far as this extension reads them: `vocabulary/lsp_messages.py` is the reference. Lines are 0-based,
// what is null is absent.

export interface EditorBreakpoint {
  id: string;
  line: number;
  enabled: boolean;
  condition?: string;
  logMessage?: string;
  hitLimit?: number;
}

export interface SetBreakpointsParams {
  uri: string;
  version?: number;
  breakpoints: EditorBreakpoint[];
}

export interface BreakpointState {
  /** The backend's id of the breakpoint. */
  id: string;
  line: number;
  state: string;
  /** A sentence: the reason, or how many processes watch it. */
  message: string;
  trouble?: string;
  brief?: string;
  /** The id that this editor gave the mark, if it is this editor's. */
  editorId?: string;
  mine: boolean;
  followed?: boolean;
  owner?: string;
  condition?: string;
  logMessage?: string;
  enabled?: boolean;
  bound?: number;
  processes?: number;
  hits?: number;
  nearestLines?: number[];
  runs?: string;
}

export interface BreakpointsParams {
  uri: string;
  version?: number;
  breakpoints: BreakpointState[];
}

export interface HitSummary {
  id: string;
  breakpointId: string;
  timestamp: string;
  filename: string;
  /** 1-based, as everywhere in a captured hit. */
  lineNumber: number;
  function?: string;
  message?: string;
  condition?: string;
  processId?: string;
  service?: string;
  environment?: string;
}

export interface HitsParams {
  uri: string;
  line: number;
  breakpointId: string;
  count: number;
  /** One line of plain text: the newest hit's values and time. */
  summary: string;
  newest: HitSummary;
}

export interface ShownVariable {
  name: string;
  type: string;
  text: string;
  note?: string;
  children?: ShownVariable[];
}

export interface ShownFrame {
  function: string;
  filename: string;
  line: number;
  text?: string;
  /** Where the file is in this workspace. */
  uri?: string;
  variables?: ShownVariable[];
}

/** `livebreak/hit`: one whole hit, rendered. */
export interface HitResult {
  id: string;
  breakpointId: string;
  timestamp: string;
  frames: ShownFrame[];
  watches?: ShownVariable[];
  message?: string;
  process?: string;
}

export interface CheckConditionResult {
  ok: boolean;
  message?: string;
  column?: number;
  doubt?: string;
  names?: string[];
}

export interface Pause {
  by: string;
  at: string;
  service?: string;
  reason?: string;
}

export interface Status {
  connection: "off" | "connecting" | "connected" | "offline" | "refused";
  message: string;
  host?: string;
  project?: string;
  owner?: string;
  mode?: "stream" | "poll";
  queued?: number;
  processes?: number;
  pauses?: Pause[];
  /** This user's, switched on. */
  breakpoints?: number;
  /** True if the connection, its host, the project, or a process that is there is called production. */
  isProduction?: boolean;
}

/** `livebreak/overview`: every breakpoint of the project, also in files that are not open. */
export interface OverviewResult {
  breakpoints: OverviewBreakpoint[];
}

export interface OverviewBreakpoint {
  /** Only where the file is in the workspace. */
  uri?: string;
  repository?: string;
  filename: string;
  breakpoint: BreakpointState;
  newest?: HitSummary;
}

/** `livebreak/hitList`: a page of hits, newest first; without `breakpointId` of all breakpoints. */
export interface HitListParams {
  breakpointId?: string;
  where?: string;
  olderThan?: string;
  newerThan?: string;
  /** Of an earlier page: what is behind it, also where its search stopped without a hit. */
  cursor?: string;
  limit?: number;
}

export interface ListedHit {
  id: string;
  breakpointId: string;
  timestamp: string;
  summary: string;
  process?: string;
  message?: string;
}

export interface HitListResult {
  hits: ListedHit[];
  hasOlder?: boolean;
  hasNewer?: boolean;
  /** False: the scan for `where` was bounded. */
  complete?: boolean;
  /** What is not here, and what to do. */
  note?: string;
  cursor?: string;
}

/** `livebreak/variables`: a page of one frame's variables, or of what one of them holds. Frame 0 is the innermost. */
export interface VariablesParams {
  hitId: string;
  frame: number;
  path: string[];
  /** What an empty path means; absent: the frame's locals. */
  scope?: "locals" | "watches" | "context";
  offset?: number;
  limit?: number;
}

export interface Variable {
  name: string;
  type: string;
  text: string;
  note?: string;
  path: string[];
  /** How many children are stored; 0 is a leaf. */
  children?: number;
  expression?: string;
  /** A condition such as `user.id == 42`, only where the value is a plain scalar. */
  equals?: string;
}

export interface VariablesResult {
  variables: Variable[];
  total: number;
  /** Why there is nothing, or not everything. */
  note?: string;
}

/** `livebreak/compareHits`: with `older` absent, the hit before. */
export interface CompareHitsParams {
  newer: string;
  older?: string;
}

export interface ComparedRow {
  expression: string;
  before?: string;
  after?: string;
  kind: "added" | "removed" | "changed";
}

export interface CompareHitsResult {
  newer: string;
  older?: string;
  rows: ComparedRow[];
  unchanged: number;
  /** What the comparison cannot tell. */
  note?: string;
}

/** `livebreak/connect`: a connection by name, or a host. A key is only given with a host, and goes to that origin alone. */
export type ConnectParams = { name?: string } | { host: string; project?: number; key?: string };

/** `livebreak/targets`: what can be connected to without typing anything. */
export interface TargetsResult {
  connections: NamedTarget[];
  local?: NamedTarget;
  environment?: NamedTarget;
}

export interface NamedTarget {
  host: string;
  /** Of a stored connection. */
  name?: string;
  project?: number;
  isDefault?: boolean;
  isProduction?: boolean;
  hasKey?: boolean;
}

/** `livebreak/projects`: tests a host and a key before anything is kept. */
export interface ProjectsParams {
  host: string;
  key?: string;
}

export interface ProjectsResult {
  /** The address in full. */
  host: string;
  projects: { id: number; name?: string }[];
  owner?: string;
  canWrite?: boolean;
  version?: string;
}

/** The answer to `livebreak/replay`, a request of the debug adapter's. */
export interface Replay {
  script: string;
  missing: string[];
}
