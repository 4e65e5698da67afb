import { quote, quoteOrNull } from '../domain/json-text.ts'
import { type AuditEvent, formLine, ORIGIN } from './line.ts'
import type { Signer } from './signer.ts'

/** What is to be recorded. */
export type Entry = {
  readonly event: AuditEvent
  /** JSON members, each with a comma before it. */
  readonly fields: string
}

/** Why a file begins. */
export type FileBegin = 'new' | 'rotated' | 'renamed' | 'removed' | 'emptied' | 'damaged'

/**
 * Why a checkpoint is made: `begin` stands behind a file's first line, `stop` ends a chain in order. `resumed` is made by a
 * process that goes on where another was killed: for the lines before it nobody vouches.
 */
export type CheckpointCause = 'begin' | 'resumed' | 'records' | 'time' | 'rotated' | 'stop'

/** Lines that no writer leaves without a checkpoint, with room for those of one round. */
export const MOST_UNSIGNED = 1500

/** Where a chain stands: its last line. */
export type ChainEnd = {
  readonly chain: string
  readonly seq: number
  readonly hash: string
}

/** Turns entries into lines, each bound to the one before. */
export type Chain = {
  /** The text of the next line, with its line feed. */
  readonly add: (entry: Entry, at: number) => string
  /** The first line of a file; `file` is the one before, null when there is none or it is not known. */
  readonly beginFile: (cause: FileBegin, file: string | null, at: number) => string
  readonly checkpoint: (cause: CheckpointCause, at: number) => string
  readonly end: () => ChainEnd
  /** Lines since the last checkpoint. */
  readonly unsigned: () => number
}

/** Goes on after `from`, or begins a chain of this id. */
export function createChain(
  from: ChainEnd | string,
  instance: string,
  signer: Signer | null,
): Chain {
  let end: ChainEnd = typeof from === 'string' ? { chain: from, seq: 0, hash: ORIGIN } : from
  let unsigned = 0
  const add = ({ event, fields }: Entry, at: number) => {
    const seq = end.seq + 1
    const { text, hash } = formLine({ event, at, seq, instance, fields, prev: end.hash })
    end = { ...end, seq, hash }
    unsigned = event === 'checkpoint' ? 0 : unsigned + 1
    return text
  }
  return {
    add,
    beginFile: (cause, file, at) => add(fileEntry(end.chain, cause, file), at),
    checkpoint: (cause, at) => add(checkpointEntry(end, cause, signer), at),
    end: () => end,
    unsigned: () => unsigned,
  }
}

function fileEntry(chain: string, cause: FileBegin, file: string | null): Entry {
  return {
    event: 'file',
    fields: `,"format":"stepgate-audit/1","chain":${quote(chain)},"begin":"${cause}","after":${quoteOrNull(file)}`,
  }
}

/** Signed is why, and all that leads to this line: the chain, how many lines there are, and the hash of the last. */
function checkpointEntry(
  { chain, seq, hash }: ChainEnd,
  cause: CheckpointCause,
  signer: Signer | null,
): Entry {
  const signature = signer?.sign(signedText({ chain, seq, hash }, cause)) ?? null
  return {
    event: 'checkpoint',
    fields:
      `,"chain":${quote(chain)},"cause":"${cause}","count":${seq},"head":"${hash}"` +
      `,"key":${quoteOrNull(signer?.keyId)},"sig":${quoteOrNull(signature)}`,
  }
}

/** What a checkpoint's signature is made over; `cause` as the line has it. */
export function signedText({ chain, seq, hash }: ChainEnd, cause: string): string {
  return `stepgate-audit/1 checkpoint\n${cause}\n${chain}\n${seq}\n${hash}\n`
}
