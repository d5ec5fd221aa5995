// Which of VS Code's own breakpoints are live. It is remembered with the workspace, under the ids that VS Code gives them and keeps.
// No VS Code API, so that it can be tested alone.

export interface LiveDot {
  /** The backend and project that it was set for. It is never sent to another. */
  target: string;
  /** The id under which it is stated. It outlives the dot, since VS Code's can be changed only by a new one in its place. */
  mark: string;
  /** The backend's id, once that is known. */
  breakpoint?: string;
  /** What the backend and the dot last agreed on, see `saidOf`; nothing as long as the backend does not have it. */
  said?: string;
}

/** A live dot that was removed while its backend could not be told. */
export interface Departed {
  target: string;
  breakpoint: string;
}

/** What `vscode.Memento` offers of itself. */
export interface Memory {
  get<T>(key: string, missing: T): T;
  update(key: string, value: unknown): Thenable<void>;
}

const DOTS = "livebreak.liveDots";
const DEPARTED = "livebreak.departed";

export class LiveDots {
  private readonly dots: Map<string, LiveDot>;
  private gone: Departed[];

  constructor(private readonly memory: Memory) {
    this.dots = new Map(Object.entries(memory.get<Record<string, LiveDot>>(DOTS, {})));
    this.gone = memory.get<Departed[]>(DEPARTED, []);
  }

  get(id: string): LiveDot | undefined {
    return this.dots.get(id);
  }

  has(id: string): boolean {
    return this.dots.has(id);
  }

  set(id: string, dot: LiveDot): void {
    const known = this.dots.get(id);
    if (known?.target === dot.target && known.mark === dot.mark && known.breakpoint === dot.breakpoint && known.said === dot.said) return;
    this.dots.set(id, dot);
    this.save();
  }

  /** It is local, or not there any more. */
  delete(id: string): void {
    if (this.dots.delete(id)) this.save();
  }

  /** A target has another name now. */
  rename(before: string, target: string): void {
    for (const [id, dot] of this.dots) if (dot.target === before) this.dots.set(id, { ...dot, target });
    this.save();
  }

  /** Forget all but these: VS Code has lost the others without a word. */
  keep(present: ReadonlySet<string>): void {
    const lost = [...this.dots.keys()].filter((id) => !present.has(id));
    for (const id of lost) this.dots.delete(id);
    if (lost.length) this.save();
  }

  /** To be removed from its backend as soon as that is there. */
  depart(departed: Departed): void {
    this.gone = [...this.gone, departed];
    void this.memory.update(DEPARTED, this.gone);
  }

  hasDeparted(target: string, breakpoint: string): boolean {
    return this.gone.some((it) => it.target === target && it.breakpoint === breakpoint);
  }

  /** Its backend knows. */
  forget(target: string, breakpoint: string): void {
    this.gone = this.gone.filter((it) => it.target !== target || it.breakpoint !== breakpoint);
    void this.memory.update(DEPARTED, this.gone);
  }

  private save(): void {
    void this.memory.update(DOTS, Object.fromEntries(this.dots));
  }
}
