/**
 * Thrown by a fact that cannot be had: the expression that reads it is neither true nor false.
 * An `Error`, because CEL's `||` and `&&` pass only errors on; made once a name, because a stack is never wanted.
 */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
  /** What was not there, as an author writes it: `request.body`, `subject`. */
  readonly missing: string

  constructor(missing: string) {
    super(`${missing} is unavailable`)
    this.missing = missing
  }
}
