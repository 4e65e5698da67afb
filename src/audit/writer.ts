import { type Chain, type CheckpointCause, createChain } from './chain.ts'
import { type Gap, gapEntry, type Queue } from './queue.ts'
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
  /** Records that were to be written and were not, or not yet. */
  readonly unwritten: () => number
}

type Begun = Extract<Prepared, { kind: 'begun' }>

type ChainTail = Extract<Prepared, { kind: 'continued' }>['tail']

type State = WriterOptions & {
  /** Null until the file has been opened. */
  chain: Chain | null
  /** When the last checkpoint was made, by `clock`. */
  checkpointAt: number
  /** What was not written when it ended; null before. */
  lost: number | null
}

/** Lines that are formed at a stretch: about a millisecond, in which no request gets on. */
const SLICE = 250

/** Creates a writer; the caller sees to it that its calls do not overlap. */
export function createWriter(options: WriterOptions): Writer {
  const state: State = { ...options, chain: null, checkpointAt: options.clock(), lost: null }
  const { sink, queue } = options
  return {
    write: async () => void (await write(state)),
    sync: sink.sync,
    end: () => end(state),
    unwritten: () => state.lost ?? queue.unwritten() + sink.unwritten(),
  }
}

async function end(state: State): Promise<void> {
  const { sink, queue } = state
  try {
    checkpoint(state, await write(state), 'stop')
    await sink.push()
    await sink.sync()
  } finally {
    state.lost = queue.unwritten() + sink.unwritten()
    await sink.close()
  }
}

async function write(state: State): Promise<Chain> {
  const { sink, queue, rotateBytes } = state
  let chain = await prepare(state)
  if (rotateBytes !== null && sink.size() >= rotateBytes) {
    // Where the file cannot be put aside this is tried again and again.
    if (chain.unsigned() > 0) checkpoint(state, chain, 'rotated')
    await sink.push()
    await sink.turnOver()
    chain = await prepare(state)
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

/** A file that was moved ends as one that we put aside: it says that another follows. */
async function prepare(state: State): Promise<Chain> {
  const lastLine = () => checkpointLine(state, chainOf(state), 'rotated')
  return react(state, await state.sink.prepare(lastLine))
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

function begin(state: State, found: Begun): Chain {
  const { sink, newChainId, instance, signer, now } = state
  const chain = state.chain ?? createChain(found.from?.end ?? newChainId(), instance, signer)
  state.chain = chain
  sink.add([chain.beginFile(found.cause, found.after, now())])
  checkpoint(state, chain, found.from?.closed === false ? 'resumed' : 'begin')
  if (found.torn > 0) repaired(state, chain, found.torn)
  if (found.from !== null) tellOfKill(state, chain, found.from)
  for (const gap of gapsBefore(found, now())) sink.add([chain.add(gapEntry(gap), now())])
  return chain
}

function gapsBefore({ cause, lost, goneSince }: Begun, until: number): readonly Gap[] {
  const how = cause === 'emptied' ? 'emptied' : 'removed'
  return [
    ...(lost > 0 ? [{ cause: how, count: lost, since: null, until } as const] : []),
    ...(goneSince !== null
      ? [{ cause: 'moved-or-killed', count: null, since: goneSince, until } as const]
      : []),
  ]
}

async function goOn(
  state: State,
  { tail }: Extract<Prepared, { kind: 'continued' }>,
): Promise<Chain> {
  const { sink, instance, signer } = state
  if (state.chain !== null) return sameChain(sink, state.chain, tail.end)
  const chain = createChain(tail.end, instance, signer)
  state.chain = chain
  if (!tail.closed) checkpoint(state, chain, 'resumed')
  if (tail.torn > 0) repaired(state, chain, tail.torn)
  tellOfKill(state, chain, tail)
  return chain
}

/** A chain that was not ended in order lacks what its writer had not written yet. */
function tellOfKill({ sink, now }: State, chain: Chain, { closed, at }: ChainTail): void {
  if (closed) return
  const gap = gapEntry({ cause: 'killed', count: null, since: at, until: now() })
  sink.add([chain.add(gap, now())])
}

/** A file that came to stand at the path while we were writing must be the one that we have written. */
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
  state.sink.add([checkpointLine(state, chain, cause)])
}

function checkpointLine(state: State, chain: Chain, cause: CheckpointCause): string {
  state.checkpointAt = state.clock()
  state.onCheckpoint(chain.end())
  return chain.checkpoint(cause, state.now())
}
