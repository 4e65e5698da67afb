#!/usr/bin/env node
// Typed straight in a shell this may meet an older Node, or a fresh clone: then it goes by way of scripts/run.js, which
// installs what is missing and runs this file again on the pinned Node, or says what to do. Any Node can read it.
import { existsSync } from 'node:fs'
import * as modules from 'node:module'
import { fileURLToPath } from 'node:url'

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const isNewEnough = Number(process.versions.node.split('.')[0]) >= 24

if (isNewEnough && existsSync(at('node_modules/commander'))) {
  // Stripping types and compiling is half the time of a short command; where it cannot be saved, it is done each time.
  modules.enableCompileCache(at('node_modules/.cache/stepgate'))
  await import('../src/cli/main.ts')
} else {
  process.argv.splice(2, 0, fileURLToPath(import.meta.url))
  await import('../scripts/run.js')
}
