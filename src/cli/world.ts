/** What a command may know of the world, and where it writes. */
export type CliWorld = {
  /** Writes to standard output: what was asked for. */
  readonly out: (text: string) => void
  /** Writes to standard error: why it could not be done. */
  readonly err: (text: string) => void
  /** Colours may be used. */
  readonly colour: boolean
  readonly env: Record<string, string | undefined>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** 0: fine; 1: the thing checked is wrong; 2: usage or environment. */
export type ExitCode = 0 | 1 | 2

/** The command cannot do what it was asked for: said on standard error, and the end is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
