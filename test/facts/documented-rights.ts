import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What docs/state.md says that the user needs, with the password `secret`. */
export async function documentedRights(isCluster: boolean): Promise<readonly string[]> {
  const text = await readFile(join(import.meta.dirname, '../../docs/state.md'), 'utf8')
  const rights = /ACL SETUSER stepgate (.*)/.exec(text)?.[1]?.split(' ') ?? []
  const more = /with a cluster also `(.*?)`/.exec(text)?.[1]?.split(' ') ?? []
  assert.ok(rights.includes('~stepgate:*') && more.length > 0)
  return [...rights, ...(isCluster ? more : [])].map((one) => one.replace(/^>.*/, '>secret'))
}
