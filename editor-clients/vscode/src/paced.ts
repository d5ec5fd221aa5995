// What many events ask for, done at once and then not more often than is of use. No VS Code API, so that it can be tested alone.

export class Paced {
  private timer: NodeJS.Timeout | undefined;
  private isWanted = false;

  constructor(
    private readonly run: () => void,
    private readonly milliseconds: number,
  ) {}

  /** Now; or, together with all who ask meanwhile, as soon as the pause after the last time is over. */
  soon(): void {
    this.isWanted = true;
    if (this.timer === undefined) this.turn();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isWanted = false;
  }

  private turn(): void {
    this.timer = undefined;
    if (!this.isWanted) return;
    this.isWanted = false;
    this.timer = setTimeout(() => this.turn(), this.milliseconds);
    this.run();
  }
}
