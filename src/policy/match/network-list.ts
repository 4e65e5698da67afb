import { type NetworkSet, networkSet, type Prefix, parsePrefix } from './networks.ts'

/** What a list of networks says, and which lines of it say nothing of sense. */
export type NetworkList = {
  readonly networks: NetworkSet
  /** The first thousand: nobody reads more of them. */
  readonly mistakes: readonly ListMistake[]
}

/** A line that is no prefix, counted from 1. */
export type ListMistake = { readonly line: number; readonly why: string }

const MAX_MISTAKES = 1000

/** No prefix is longer; what is, is not repeated whole. */
const MAX_SHOWN = 200

/** Parses a list: one prefix a line; blank lines and what follows a `#` are ignored. */
export function parseNetworkList(text: string): NetworkList {
  const mistakes: ListMistake[] = []
  const networks = networkSet(prefixesOf(text, mistakes))
  return { networks, mistakes }
}

function* prefixesOf(text: string, mistakes: ListMistake[]): Generator<Prefix> {
  for (const [line, written] of linesOf(text)) {
    const prefix = parsePrefix(written)
    if (typeof prefix !== 'string') yield prefix
    else if (mistakes.length < MAX_MISTAKES) mistakes.push({ line, why: prefix })
  }
}

/** The lines that say something, with their numbers; one after the other, as there may be millions. */
function* linesOf(text: string): Generator<readonly [number, string]> {
  let line = 1
  for (let start = 0; start < text.length; line++) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    const written = text.slice(start, end).replace(/#.*/, '').trim()
    if (written !== '') yield [line, shortened(written)]
    start = end + 1
  }
}

function shortened(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}
