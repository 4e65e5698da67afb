import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A fenced block of a document. */
export type Block = {
  readonly file: string
  /** Of the opening fence, from 1. */
  readonly line: number
  /** The first word of the fence. */
  readonly language: string
  /** The rest of the fence: how the block is meant; empty without one. */
  readonly mark: string
  readonly text: string
}

const ROOT = join(import.meta.dirname, '../..')

/** Indented ones, as in lists, are left out here and counted by `fences`. */
const BLOCK = /^```(\S+)(.*)\n([\s\S]*?)^```$/gm

/** The documents whose snippets are run: `README.md`, `SECURITY.md`, `docs/*.md` and `docs/providers/*.md`, relative to the repository. */
export function documents(): readonly string[] {
  const guides = ['docs', 'docs/providers'].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => join(folder, name)),
  )
  return ['README.md', 'SECURITY.md', ...guides.filter((name) => name.endsWith('.md'))]
}

/** The text of a document. */
export function readDocument(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/** Every fenced block of a document that says its language, in order. */
export function fencedBlocks(file: string): readonly Block[] {
  const document = readDocument(file)
  return [...document.matchAll(BLOCK)].map(
    ({ 1: language = '', 2: rest = '', 3: text = '', index }) => {
      const line = document.slice(0, index).split('\n').length
      return { file, line, language, mark: rest.trim(), text }
    },
  )
}

/** How many fences of YAML a document opens, wherever they stand on their line. */
export function yamlFences(file: string): number {
  return [...readDocument(file).matchAll(/^[\s>]*(?:`{3,}|~{3,}) *ya?ml\b/gim)].length
}

/** Where a block stands, for messages. */
export function placeOf({ file, line }: Pick<Block, 'file' | 'line'>): string {
  return `${file}:${line}`
}

/** The rows of the tables whose first heading is `heading`, as the text of their cells. */
export function tableRows(file: string, heading: string): readonly (readonly string[])[] {
  const paragraphs = readDocument(file).split(/\n(?!\|)/)
  return paragraphs.flatMap((paragraph) => {
    const [head = '', , ...rows] = paragraph.trim().split('\n')
    return cells(head)[0] === heading ? rows.map(cells) : []
  })
}

/** What stands between backticks in a cell. */
export function codeIn(cell: string | undefined): readonly string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '')
}

/** `\|` is a bar in a cell, and not its end. */
function cells(row: string): readonly string[] {
  const inner = row.replace(/^\|/, '').replace(/\|$/, '')
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'))
}
