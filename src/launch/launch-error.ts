/** What stops a one-command run, told to a person: the cause, the remedy, and the line to run next. */

export interface LaunchTrouble {
  /** What happened, in one sentence. */
  readonly cause: string;
  /** What to do about it. */
  readonly remedy: string;
  /** A line that can be pasted into a shell. */
  readonly next: string;
}

export class LaunchError extends Error {
  readonly trouble: LaunchTrouble;

  constructor(trouble: LaunchTrouble, options?: ErrorOptions) {
    super(`${trouble.cause}\n  remedy: ${trouble.remedy}\n  next:   ${trouble.next}`, options);
    this.name = 'LaunchError';
    this.trouble = trouble;
  }
}
