import { type Chain, type CheckpointCause, createChain } from './chain.ts'
import { gapEntry, type Queue } from './queue.ts'
import type { Signer } from './signer.ts'
import type { Prepared, Sink } from './sink.ts'

/** What a writer needs. Times in milliseconds. */
export type WriterOptions = {
  readonly sink: Sink
  readonly queue: Queue
  readonly instance: string
  readonly newChainId: () => string
  readonly signer: Signer | null
  /** Bytes after which a file is put aside; null: never. */
  readonly rotateBytes: number | null
  readonly checkpointRecords: number
  readonly checkpointEvery: number
  /** Since the epoch. */
  readonly now: () => number
  /** On a clock that never goes back. */
  readonly clock: () => number
  readonly onCheckpoint: (checkpoint: Head) => void
}

/** A place in a chain: kept elsewhere, it proves later that nothing up to it was cut off or changed. */
export type Head = { readonly chain: string; readonly seq: number; readonly hash: string }

/** The one who turns entries into lines and sees to it that they stand in the file. */
export type Writer = {
  /** Writes all that waits when it is called. Rejects when it cannot be done now; nothing is lost by that, and it may be tried again. */
  readonly write: () => Promise<void>
  /** Makes what was written safe. */
  readonly sync: () => Promise<void>
  /** Writes all that waits and the last checkpoint, and closes. */
  readonly end: () => Promise<void>
}

type ChainTail = Extract<Prepared, { kind: 'continued' }>['tail']

type State = WriterOptions & {
  /** Null until the file has been opened. */
  chain: Chain | null
  /** When the last checkpoint was made, by `clock`. */
  checkpointAt: number
}

/** Lines that are formed at a stretch: about a millisecond, in which no request gets on. */
const SLICE = 250

/** Creates a writer; the caller sees to it that its calls do not overlap. */
export function createWriter(options: WriterOptions): Writer {
  const state: State = { ...options, chain: null, checkpointAt: options.clock() }
  const { sink } = options
  return {
    write: async () => void (await write(state)),
    sync: sink.sync,
    end: () => end(state).finally(sink.close),
  }
}

async function end(state: State): Promise<void> {
  const chain = await write(state)
  checkpoint(state, chain, 'stop')
  await state.sink.push()
  await state.sink.sync()
}

async function write(state: State): Promise<Chain> {
  const { sink, queue, rotateBytes } = state
  let chain = await react(state, await sink.prepare())
  if (rotateBytes !== null && sink.size() >= rotateBytes) {
    checkpoint(state, chain, 'rotated')
    await sink.push()
    await sink.turnOver()
    chain = await react(state, await sink.prepare())
  }
  await sink.push()
  // What comes meanwhile is for the next time: entries that never stop coming must not put off the sync.
  for (let left = queue.length(); left > 0; ) {
    const taken = queue.take(Math.min(SLICE, left))
    left -= taken.length
    sink.add(taken.map(({ entry, at }) => chain.add(entry, at)))
    checkpointWhenDue(state, chain)
    await sink.push()
  }
  checkpointWhenDue(state, chain)
  await sink.push()
  return chain
}

/** Says in the record what happened to its file. */
async function react(state: State, found: Prepared): Promise<Chain> {
  switch (found.kind) {
    case 'same':
      return chainOf(state)
    case 'begun':
      return begin(state, found)
    case 'continued':
      return goOn(state, found)
  }
}

function chainOf({ chain }: State): Chain {
  if (chain === null) throw new Error('the audit record has not begun')
  return chain
}

function begin(state: State, found: Extract<Prepared, { kind: 'begun' }>): Chain {
  const { sink, newChainId, instance, signer, now } = state
  const chain = state.chain ?? createChain(found.from?.end ?? newChainId(), instance, signer)
  state.chain = chain
  sink.add([chain.beginFile(found.cause, found.after, now())])
  checkpoint(state, chain, 'begin')
  if (found.torn > 0) repaired(state, chain, found.torn)
  if (found.from !== null) tellOfKill(state, chain, found.from)
  if (found.lost > 0) {
    const cause = found.cause === 'emptied' ? 'emptied' : 'removed'
    const gap = gapEntry({ cause, count: found.lost, since: null, until: now() })
    sink.add([chain.add(gap, now())])
  }
  return chain
}

async function goOn(
  state: State,
  { tail }: Extract<Prepared, { kind: 'continued' }>,
): Promise<Chain> {
  const { sink, instance, signer } = state
  if (state.chain !== null) return sameChain(sink, state.chain, tail.end)
  const chain = createChain(tail.end, instance, signer)
  state.chain = chain
  if (tail.torn > 0) repaired(state, chain, tail.torn)
  tellOfKill(state, chain, tail)
  return chain
}

/** A file that came to stand at the path while we were writing must be the one that we have written. */
/** A chain that was not ended in order lacks what its writer had not written yet. */
function tellOfKill({ sink, now }: State, chain: Chain, { closed, at }: ChainTail): void {
  if (closed) return
  const gap = gapEntry({ cause: 'killed', count: null, since: at, until: now() })
  sink.add([chain.add(gap, now())])
}

async function sameChain(sink: Sink, chain: Chain, there: Head): Promise<Chain> {
  if (there.hash === chain.end().hash) return chain
  await sink.close()
  throw new Error(
    'the file at the path is another record than the one written so far: move it away',
  )
}

function repaired({ sink, now }: State, chain: Chain, bytes: number): void {
  sink.add([chain.add({ event: 'repaired', fields: `,"bytes":${bytes}` }, now())])
}

function checkpointWhenDue(state: State, chain: Chain): void {
  const { checkpointRecords, checkpointEvery, checkpointAt, clock } = state
  const unsigned = chain.unsigned()
  const isLate = clock() - checkpointAt >= checkpointEvery
  if (unsigned >= checkpointRecords) checkpoint(state, chain, 'records')
  else if (unsigned > 0 && isLate) checkpoint(state, chain, 'time')
}

function checkpoint(state: State, chain: Chain, cause: CheckpointCause): void {
  state.checkpointAt = state.clock()
  state.onCheckpoint(chain.end())
  state.sink.add([chain.checkpoint(cause, state.now())])
}
