import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** A fenced block of a document: the first word of its fence is the language, the others say how it is meant. */
export type Block = {
  readonly file: string
  /** Of the opening fence, from 1. */
  readonly line: number
  readonly language: string
  readonly words: readonly string[]
  readonly text: string
}

const ROOT = join(import.meta.dirname, '../..')

const FENCE = /^```(\S*)(.*)\n([\s\S]*?)^```$/gm

/** The documents whose snippets are run: `README.md` and `docs/*.md`, relative to the repository. */
export function documents(): readonly string[] {
  const names = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'))
  return ['README.md', ...names.map((name) => join('docs', name))]
}

export function readDocument(file: string): string {
  return readFileSync(join(ROOT, relative('.', file)), 'utf8')
}

/** Every fenced block of a document, in its order. */
export function fencedBlocks(file: string): readonly Block[] {
  const document = readDocument(file)
  return [...document.matchAll(FENCE)].map(({ 1: language = '', 2: info = '', 3: text = '', index }) => ({
    file,
    line: document.slice(0, index).split('\n').length,
    language,
    words: info.split(' ').filter(Boolean),
    text,
  }))
}

/** The rows of the tables whose first heading is `heading`, as the text of their cells. */
export function tableRows(file: string, heading: string): readonly (readonly string[])[] {
  const blocks = readDocument(file).split(/\n(?!\|)/)
  return blocks.flatMap((block) => {
    const [head = '', , ...rows] = block.trim().split('\n')
    return cells(head)[0] === heading ? rows.map(cells) : []
  })
}

/** What stands between backticks in a cell. */
export function codeIn(cell: string | undefined): readonly string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '')
}

function cells(row: string): readonly string[] {
  const inner = row.replace(/^\|/, '').replace(/\|$/, '')
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'))
}
