/** What a check of files has found. */
export type Verification = {
  /** The first record that is not as it was written; null when all are. */
  readonly broken: Broken | null
  /** In the order in which they were read. */
  readonly files: readonly FileSummary[]
  readonly chains: readonly ChainSummary[]
  /** Lines that are as they were written. */
  readonly records: number
  readonly gaps: readonly GapFound[]
  readonly repairs: readonly RepairFound[]
  /** Records that no checkpoint of the process that wrote them has passed; told where keys were given. */
  readonly unvouched: readonly Unvouched[]
  /** Files that begin because something was done to the one before. */
  readonly disturbed: readonly Disturbed[]
  readonly checkpoints: CheckpointSummary
}

/** A record that is not as it was written, or is not where it was. */
export type Broken = Place & {
  readonly what: BrokenKind
  /** Lowercase, without a full stop. */
  readonly message: string
}

/**
 * `changed`: its bytes are not those that were written. `replaced`: it was changed together with its hash. `missing`,
 * `reordered`, `repeated`: as they say. `beheaded`: the file lacks its beginning. `not-a-record`: a line of another form.
 * `signature`: a checkpoint that the key did not sign. `unsigned`: nothing at all is signed, or more is not than any writer leaves.
 */
export type BrokenKind =
  | 'changed'
  | 'replaced'
  | 'missing'
  | 'reordered'
  | 'repeated'
  | 'beheaded'
  | 'not-a-record'
  | 'signature'
  | 'unsigned'

/** Where a record stands; `line` from 1, `seq` null where it cannot be told. */
export type Place = { readonly file: string; readonly line: number; readonly seq: number | null }

/** One file: its records from `first` to `last`, null when it has none. */
export type FileSummary = {
  readonly file: string
  readonly records: number
  readonly first: number | null
  readonly last: number | null
  /** Bytes of a last line that was not finished. */
  readonly torn: number
}

/** One chain, as far as the files have it. */
export type ChainSummary = {
  readonly chain: string
  readonly first: number
  readonly last: number
  /** `middle`: its files before are not here, as after they were moved away. */
  readonly begin: 'start' | 'middle'
  /** `open`: the last record is not the checkpoint of a stop: it is being written, was killed, or its end was cut off. */
  readonly end: 'stopped' | 'open'
  /** Hash of the last record. */
  readonly head: string
  /** Records behind the last checkpoint. */
  readonly unsigned: number
}

/** A `gap` record: what is missing, by its own word. */
export type GapFound = Place & {
  readonly cause: string
  readonly count: number | null
  readonly since: string | null
  readonly until: string | null
}

/** A `repaired` record: bytes of a torn line that were cut off. */
export type RepairFound = Place & { readonly ts: string; readonly bytes: number }

/** A checkpoint behind records `first` to `last`, made by another process than theirs, which was killed. */
export type Unvouched = Place & { readonly first: number; readonly last: number }

/** The first line of a file, and what it says of the file before: `removed`, `emptied` or `damaged`. */
export type Disturbed = Place & { readonly begin: string }

/** Checkpoints seen, and how many of them a given key signed. */
export type CheckpointSummary = {
  readonly count: number
  readonly genuine: number
  /** Ids of the keys that they name. */
  readonly keys: readonly string[]
}
