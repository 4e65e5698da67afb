import type * as promises from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { asideName, unlessMissing } from './aside.ts'
import type { FileBegin } from './chain.ts'
import { addLines, linesIn, type OpenFile, push, sync, takeBack, unwritten } from './open-file.ts'
import { findPredecessor } from './predecessor.ts'
import type { Prepared, Sink } from './sink.ts'
import { readTail, type Tail } from './tail.ts'

/** The calls to the file system that a sink makes. */
export type AuditFs = Pick<typeof promises, 'mkdir' | 'open' | 'readdir' | 'rename' | 'stat'>

/** A file of lines at a path. */
export type FileSinkOptions = {
  readonly path: string
  readonly fs: AuditFs
  /** Milliseconds since the epoch: names files that are put aside. */
  readonly now: () => number
}

/** What is known of the file. `null`: not open. */
type State = FileSinkOptions & {
  file: OpenFile | null
  /** Its folder is made once: one that vanishes later may be a volume that is not mounted. */
  isFolderMade: boolean
  /** Why the next file begins, when it does. */
  next: { readonly cause: FileBegin; readonly after: string | null; readonly lost: number }
}

const EMPTY = Buffer.alloc(0)

const NOT_ASKED = { cause: 'new', after: null, lost: 0 } as const

/** Readable by its group, so that a shipper of logs needs no more. */
const MODE = 0o640

/** Opens nothing yet: the first `prepare` does, and makes the folder where it is missing. */
export function createFileSink(options: FileSinkOptions): Sink {
  const state: State = { ...options, file: null, isFolderMade: false, next: NOT_ASKED }
  return {
    prepare: (lastLine) => prepare(state, lastLine),
    add: (lines) => addLines(opened(state), lines),
    push: () => push(opened(state)),
    sync: () => sync(opened(state)),
    size: () => (state.file === null ? 0 : state.file.size + state.file.waiting.length),
    unwritten: () => (state.file === null ? 0 : unwritten(state.file)),
    turnOver: () => turnOver(state),
    close: async () => {
      await state.file?.handle.close()
      state.file = null
    },
  }
}

function opened({ file }: State): OpenFile {
  if (file === null) throw new Error('the audit file is not open')
  return file
}

async function prepare(state: State, lastLine: () => string): Promise<Prepared> {
  if (state.file === null) return open(state)
  await takeBack(state.file)
  const { dev, ino, size } = state.file
  const there = await state.fs.stat(state.path).catch(unlessMissing)
  if (there === null || there.ino !== ino || there.dev !== dev)
    return follow(state, state.file, lastLine)
  if (there.size === size) return { kind: 'same' }
  if (there.size === 0) return startOver(state.file)
  throw new Error(
    `somebody else writes to ${state.path}, which has ${there.size} bytes and not ${size}: give each process a file of its own`,
  )
}

/** The path leads elsewhere: whoever moved the file gets all that was meant for it, and another one begins. */
async function follow(state: State, file: OpenFile, lastLine: () => string): Promise<Prepared> {
  const isRemoved = (await file.handle.stat()).nlink === 0
  if (!isRemoved) {
    if (!file.isLeft) addLines(file, [lastLine()])
    file.isLeft = true
    await push(file)
    await sync(file)
  }
  await file.handle.close().catch(() => undefined)
  const lost = isRemoved ? linesIn([...file.unsafe, file.waiting]) : 0
  state.next = { cause: isRemoved ? 'removed' : 'renamed', after: null, lost }
  state.file = null
  return open(state)
}

/** Its contents were copied away and cut off under us: they may lack their last lines. */
function startOver(file: OpenFile): Prepared {
  const lost = linesIn([file.waiting])
  Object.assign(file, { size: 0, safe: 0, waiting: EMPTY, unsafe: [] })
  return {
    kind: 'begun',
    cause: 'emptied',
    after: null,
    lost,
    goneSince: null,
    torn: 0,
    from: null,
  }
}

async function open(state: State): Promise<Prepared> {
  const { path, fs } = state
  if (!state.isFolderMade) await fs.mkdir(dirname(path), { recursive: true }).catch(() => undefined)
  state.isFolderMade = true
  const handle = await fs.open(path, 'a+', MODE)
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw new Error(`${path} is not a plain file`)
    const tail = await readTail(handle, stat.size)
    if (tail.kind === 'foreign')
      throw new Error(`${path} is no audit record: move it away, or name another file`)
    if (tail.kind === 'damaged') return await setAside(state, handle)
    return await begin(state, handle, stat, tail)
  } catch (error) {
    await handle.close().catch(() => undefined)
    throw error
  }
}

async function begin(
  state: State,
  handle: FileHandle,
  { dev, ino }: { readonly dev: number; readonly ino: number },
  tail: Exclude<Tail, { kind: 'foreign' | 'damaged' }>,
): Promise<Prepared> {
  const size = tail.kind === 'chain' ? tail.whole : 0
  if (tail.kind !== 'empty' && tail.torn > 0) await handle.truncate(size)
  const waiting = tail.kind === 'chain' && tail.unended ? Buffer.from('\n') : EMPTY
  state.file = {
    handle,
    dev,
    ino,
    size,
    safe: size,
    waiting,
    unsafe: [],
    isDoubtful: false,
    isLeft: false,
  }
  if (tail.kind === 'chain') return { kind: 'continued', tail }
  await syncFolder(state)
  const torn = tail.kind === 'torn' ? tail.torn : 0
  return { kind: 'begun', torn, ...(await whyBegun(state, torn > 0)) }
}

async function whyBegun(
  state: State,
  isOurs: boolean,
): Promise<Omit<Extract<Prepared, { kind: 'begun' }>, 'kind' | 'torn'>> {
  const { next, path, fs } = state
  state.next = NOT_ASKED
  if (next.cause !== 'new') return { ...next, goneSince: null, from: null }
  // It may have been rotated while nobody wrote.
  const before = await findPredecessor(path, fs).catch(() => null)
  if (before === null) return { ...next, goneSince: null, from: null }
  const { name: after, tail } = before
  // A second file that follows the same one would have records of the same numbers. A torn line is of the first.
  if (tail.followed && !isOurs) return { ...next, after, goneSince: tail.at, from: null }
  return { cause: 'renamed', after, lost: 0, goneSince: null, from: tail }
}

/** A file whose end cannot be trusted is kept as it is, for `stepgate audit verify`. */
async function setAside(state: State, handle: FileHandle): Promise<Prepared> {
  await handle.close()
  const aside = await asideName(state.fs, `${state.path}.damaged-`, state.now())
  await state.fs.rename(state.path, aside)
  state.next = { cause: 'damaged', after: basename(aside), lost: 0 }
  return open(state)
}

async function turnOver(state: State): Promise<void> {
  const file = opened(state)
  await sync(file)
  const aside = await asideName(state.fs, `${state.path}.`, state.now())
  await state.fs.rename(state.path, aside)
  state.next = { cause: 'rotated', after: basename(aside), lost: 0 }
  state.file = null
  await file.handle.close()
}

/** A new file is safe only when its folder is. Some file systems cannot do that, and need not. */
async function syncFolder({ fs, path }: State): Promise<void> {
  const folder = await fs.open(dirname(path), 'r').catch(() => null)
  await folder?.sync().catch(() => undefined)
  await folder?.close().catch(() => undefined)
}
