import { isDeepStrictEqual } from 'node:util'
import { parse, stringify } from 'yaml'
import type { PolicySource } from '../../src/policy/text/source-file.ts'
import { type Block, documents, fencedBlocks } from './markdown.ts'

/** What a YAML block of the documents is, and so how it is run. */
export type Snippet = { readonly block: Block } & (
  | { readonly kind: 'policy'; readonly sources: readonly PolicySource[] }
  /** `sources` are those of the policy before it. */
  | { readonly kind: 'tests'; readonly sources: readonly PolicySource[]; readonly text: string }
  | { readonly kind: 'settings' }
  | { readonly kind: 'ignored' }
)

/** The frame that fragments are put into, and the defaults that tests of fragments start from. */
export type Frame = { readonly policy: Section; readonly defaults: Section }

type Section = Readonly<Record<string, unknown>>

/** The document that shows the frame. */
export const FRAME_FILE = 'docs/cookbook.md'

/** Words that a fence may carry; `file NAME` puts neighbours together into one policy of several files. */
const WORDS = ['warns', 'ignore', 'frame', 'file']

/** Reads the two blocks that are marked `frame`. */
export function readFrame(): Frame {
  const blocks = fencedBlocks(FRAME_FILE).filter(({ words }) => words.includes('frame'))
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
  const lists = blocks.filter(({ language, words }) => language === 'text' && words.length > 0)
  return new Map(lists.map(({ words, text }) => [words.join(' '), text]))
}

function snippetsOf(file: string, frame: Frame): Snippet[] {
  const snippets: Snippet[] = []
  for (const block of fencedBlocks(file).filter(({ language }) => language === 'yaml')) {
    checkWords(block)
    snippets.push(snippetOf(block, frame, snippets.findLast(isPolicy)))
  }
  return snippets
}

function snippetOf(block: Block, frame: Frame, before: PolicySnippet | undefined): Snippet {
  if (block.words.includes('ignore')) return { block, kind: 'ignored' }
  const data = parse(block.text) as unknown
  if (Array.isArray(data)) return inFrame(block, frame, { rules: data })
  const written = section(data)
  if (written.issuers !== undefined || written.listen !== undefined) {
    return { block, kind: 'settings' }
  }
  if (written.tests !== undefined) return testsOf(block, written, frame, before)
  if (block.words.includes('frame') && written.version === undefined) return { block, kind: 'ignored' }
  return written.version === undefined ? inFrame(block, frame, written) : whole(block, before)
}

type PolicySnippet = Extract<Snippet, { kind: 'policy' }>

function isPolicy(snippet: Snippet): snippet is PolicySnippet {
  return snippet.kind === 'policy'
}

/** A block with `version`; named blocks in a row are the files of one policy, as far as they have been shown. */
function whole(block: Block, before: PolicySnippet | undefined): Snippet {
  const name = fileName(block)
  const sources = [{ file: name ?? placeOf(block), text: block.text }]
  const joins = name !== undefined && before !== undefined && fileName(before.block) !== undefined
  return { block, kind: 'policy', sources: joins ? [...before.sources, ...sources] : sources }
}

/** A fragment, added to the frame: rules and signals besides its own, anything else in place of it, entry by entry. */
function inFrame(block: Block, { policy }: Frame, fragment: Section): Snippet {
  const merged = Object.entries(fragment).map(([key, value]) => [key, added(key, policy[key], value)])
  const text = stringify({ ...policy, ...Object.fromEntries(merged) })
  return { block, kind: 'policy', sources: [{ file: placeOf(block), text }] }
}

function added(key: string, before: unknown, value: unknown): unknown {
  if (Array.isArray(value)) return key === 'assurance' ? value : [...list(before), ...value]
  if (key === 'inputs') {
    const [old, own] = [section(before), section(value)]
    return Object.fromEntries(
      ['body', 'claims'].map((of) => [of, { ...section(old[of]), ...section(own[of]) }]),
    )
  }
  return { ...section(before), ...section(value) }
}

function testsOf(
  block: Block,
  written: Section,
  { defaults }: Frame,
  before: PolicySnippet | undefined,
): Snippet {
  if (before === undefined) throw new Error(`${placeOf(block)}: tests without a policy before them`)
  const framed = before.sources[0]?.text !== before.block.text && fileName(before.block) === undefined
  const all = framed ? { ...written, defaults: { ...defaults, ...section(written.defaults) } } : written
  return { block, kind: 'tests', sources: before.sources, text: stringify(all) }
}

function checkWords({ words, ...block }: Block): void {
  const known = words.filter((word, at) => WORDS.includes(word) || words[at - 1] === 'file')
  if (!isDeepStrictEqual(known, words)) {
    throw new Error(`${placeOf(block)}: what is ${words.join(' ')}?`)
  }
}

function fileName({ words }: Block): string | undefined {
  return words[words.indexOf('file') + 1 || words.length]
}

/** Where a block stands, for messages. */
export function placeOf({ file, line }: Pick<Block, 'file' | 'line'>): string {
  return `${file}:${line}`
}

function section(value: unknown): Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
