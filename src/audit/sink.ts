import type { FileBegin } from './chain.ts'
import type { Tail } from './tail.ts'

/** Where lines go. Each call follows the end of the one before; one that rejects may be made again. */
export type Sink = {
  /**
   * Makes sure that lines end up where they should: opens, and notices what happened to the file. A file that was moved
   * gets `lastLine` before another begins.
   */
  readonly prepare: (lastLine: () => string) => Promise<Prepared>
  /** Takes lines to be written: printable ASCII, each with its line feed. */
  readonly add: (lines: readonly string[]) => void
  /** Writes what was taken; what could not be written waits for the next call. */
  readonly push: () => Promise<void>
  /** Makes what was written safe against the loss of power. */
  readonly sync: () => Promise<void>
  /** Bytes that stand in the file or wait for it. */
  readonly size: () => number
  /** Lines that were taken and do not stand there for certain. */
  readonly unwritten: () => number
  /** Puts the file aside under a name of its own; the next `prepare` begins another. */
  readonly turnOver: () => Promise<void>
  readonly close: () => Promise<void>
}

/** What `prepare` has found. */
export type Prepared =
  /** It is as it was. */
  | { readonly kind: 'same' }
  /** There is an empty file now. `lost`: lines that had been taken and are gone. */
  | {
      readonly kind: 'begun'
      readonly cause: FileBegin
      /** The name of the file before it; null when there is none, or it is not known. */
      readonly after: string | null
      readonly lost: number
      /**
       * When the file before was put aside, where the one that followed it is not here: it was moved away, or its process
       * was killed before it wrote there. In milliseconds since the epoch; null when nothing is known to be elsewhere.
       */
      readonly goneSince: number | null
      /** Bytes of a torn line that were cut off. */
      readonly torn: number
      /** The chain that another process has begun, and that goes on here; null when there is none. */
      readonly from: Extract<Tail, { kind: 'chain' }> | null
    }
  /** There is a file to be continued; its torn line has been cut off. */
  | { readonly kind: 'continued'; readonly tail: Extract<Tail, { kind: 'chain' }> }
