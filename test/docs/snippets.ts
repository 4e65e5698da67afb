import { parse, stringify } from 'yaml'
import type { PolicySource } from '../../src/policy/text/source-file.ts'
import { type Block, documents, fencedBlocks, placeOf } from './markdown.ts'

/** What a YAML block of the documents is, and so how it is run. */
export type Snippet = { readonly block: Block } & (
  | {
      readonly kind: 'policy'
      readonly sources: readonly PolicySource[]
      /** True for a fragment that was put into the frame. */
      readonly framed: boolean
    }
  /** `sources` are those of the policy before it. */
  | { readonly kind: 'tests'; readonly sources: readonly PolicySource[]; readonly text: string }
  | { readonly kind: 'settings' }
  | { readonly kind: 'ignored' }
)

/** The frame that fragments are put into, and the defaults that tests of fragments start from. */
export type Frame = { readonly policy: Section; readonly defaults: Section }

type Section = Readonly<Record<string, unknown>>
type PolicySnippet = Extract<Snippet, { kind: 'policy' }>

/** The document that shows the frame. */
const FRAME_FILE = 'docs/cookbook.md'

/** What a fence may say besides its language; `file NAME` joins neighbours into one policy of several files. */
const MARKS = /^(?:|warns|ignore|frame|file \S+)$/

/** Reads the two blocks that are marked `frame`. */
export function readFrame(): Frame {
  const blocks = fencedBlocks(FRAME_FILE).filter(({ mark }) => mark === 'frame')
  const [policy, tests, ...more] = blocks.map(({ text }) => section(parse(text)))
  if (!policy || !tests || more.length > 0) throw new Error(`${FRAME_FILE} has no frame`)
  return { policy, defaults: section(tests.defaults) }
}

/** Every YAML block of the documents. */
export function readSnippets(frame: Frame): readonly Snippet[] {
  return documents().flatMap((file) => snippetsOf(file, frame))
}

/** The lists that the documents show as ```text NAME, by their names. */
export function readLists(): ReadonlyMap<string, string> {
  const blocks = documents().flatMap(fencedBlocks)
  const lists = blocks.filter(({ language, mark }) => language === 'text' && mark !== '')
  return new Map(lists.map(({ mark, text }) => [mark, text]))
}

function snippetsOf(file: string, frame: Frame): readonly Snippet[] {
  const snippets: Snippet[] = []
  for (const block of fencedBlocks(file).filter(({ language }) => /^ya?ml$/.test(language))) {
    if (!MARKS.test(block.mark)) throw new Error(`${placeOf(block)}: what is \`${block.mark}\`?`)
    snippets.push(snippetOf(block, frame, snippets.findLast(isPolicy)))
  }
  return snippets
}

function isPolicy(snippet: Snippet): snippet is PolicySnippet {
  return snippet.kind === 'policy'
}

function snippetOf(block: Block, frame: Frame, before: PolicySnippet | undefined): Snippet {
  if (block.mark === 'ignore') return { block, kind: 'ignored' }
  const data = parse(block.text) as unknown
  const written = Array.isArray(data) ? { rules: data as unknown } : section(data)
  const has = (key: string) => Object.hasOwn(written, key)
  if (has('issuers') || has('listen')) return { block, kind: 'settings' }
  if (has('tests')) return testsOf(block, written, frame, before)
  if (has('version')) return whole(block, before)
  return block.mark === 'frame' ? { block, kind: 'ignored' } : inFrame(block, written, frame)
}

/** A block with `version`. Named blocks in a row are the files of one policy, as far as they have been shown. */
function whole(block: Block, before: PolicySnippet | undefined): Snippet {
  const name = fileName(block)
  const own = { file: name ?? placeOf(block), text: block.text }
  const others = name && before && fileName(before.block) ? before.sources : []
  return { block, kind: 'policy', sources: [...others, own], framed: false }
}

/** A fragment in the frame: its rules and signals beside those there, anything else in place of it, entry by entry. */
function inFrame(block: Block, fragment: Section, { policy }: Frame): Snippet {
  const merged = Object.entries(fragment).map(([key, value]) => [
    key,
    added(key, policy[key], value),
  ])
  const text = stringify({ ...policy, ...Object.fromEntries(merged) })
  return { block, kind: 'policy', sources: [{ file: placeOf(block), text }], framed: true }
}

function added(key: string, before: unknown, value: unknown): unknown {
  if (key === 'assurance') return value
  if (Array.isArray(value)) return [...(Array.isArray(before) ? before : []), ...value] as unknown
  const [old, own] = [section(before), section(value)]
  const entry = (of: string) => ({ ...section(old[of]), ...section(own[of]) })
  return key === 'inputs' ? { body: entry('body'), claims: entry('claims') } : { ...old, ...own }
}

function testsOf(
  block: Block,
  written: Section,
  frame: Frame,
  before: PolicySnippet | undefined,
): Snippet {
  if (!before) throw new Error(`${placeOf(block)}: tests without a policy before them`)
  const defaults = { ...(before.framed ? frame.defaults : {}), ...section(written.defaults) }
  return {
    block,
    kind: 'tests',
    sources: before.sources,
    text: stringify({ ...written, defaults }),
  }
}

function fileName({ mark }: Block): string | undefined {
  return /^file (\S+)$/.exec(mark)?.[1]
}

function section(value: unknown): Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
