import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { after } from 'node:test'
import { runCli } from '../../src/cli/run.ts'

/** What a command came to. */
export type Ran = { readonly code: number | null; readonly out: string; readonly err: string }

/** The instant of every command that does not say another. */
export const NOW = Date.parse('2026-11-23T10:00:00Z')

/** Runs `stepgate` in this process, without colours and with an empty environment. */
export async function stepgate(...argv: readonly string[]): Promise<Ran> {
  let [out, err] = ['', '']
  const code = await runCli(argv, {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    colour: false,
    env: {},
    now: () => NOW,
  })
  return { code, out, err }
}

/** The fixture of these tests, as one names it from the root of the repository. */
export const TEAM = relative('.', join(import.meta.dirname, 'team/policy.yaml'))

/** A folder with these files for the tests of one file; gone afterwards. */
export function folder(files: Readonly<Record<string, string | Buffer>>): string {
  const root = mkdtempSync(join(tmpdir(), 'stepgate-cli-'))
  after(() => rmSync(root, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  return root
}
