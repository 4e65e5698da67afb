// Runs a TypeScript program of this repository on the Node version it is made for, after installing what is missing.
// Plain JavaScript without dependencies: it is the first thing that runs on a fresh clone, perhaps on an older Node.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NODE_MAJOR = 24
const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Packages that package.json pins and node_modules lacks or has in another version. */
function missingPackages() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const wanted = { ...manifest.dependencies, ...manifest.devDependencies }
  return Object.entries(wanted).filter(([name, version]) => installedVersion(name) !== version)
}

function installedVersion(name) {
  const path = join(root, 'node_modules', name, 'package.json')
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).version : undefined
}

function install() {
  console.error('stepgate: installing dependencies (once, about 20 seconds) …')
  // Not `npm ci`: it wants the optional packages of every system in the lock file, and not every registry has them all.
  const arguments_ = ['install', '--no-save', '--loglevel=error']
  const npm = spawnSync('npm', arguments_, { cwd: root, stdio: ['ignore', 2, 2] })
  if (npm.status === 0) return
  console.error(
    'stepgate: `npm install` failed; the lines above say why. Is the package registry reachable?',
  )
  process.exit(2)
}

/** The pinned Node of node_modules, else this one when it is new enough. */
function findNode() {
  const [folder, file] =
    process.platform === 'win32' ? ['win', 'node.exe'] : [process.platform, 'node']
  const pinned = join(root, 'node_modules', `node-${folder}-${process.arch}`, 'bin', file)
  if (existsSync(pinned)) return pinned
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath
  console.error(
    `stepgate: needs Node ${NODE_MAJOR}. There is no pinned one for ${process.platform} ${process.arch}, ` +
      `and this is ${process.version}: install Node ${NODE_MAJOR} or later and run the command again.`,
  )
  process.exit(2)
}

if (missingPackages().length > 0) install()
const child = spawn(findNode(), process.argv.slice(2), { stdio: 'inherit' })
// Ctrl-C in a terminal reaches the child as well; whoever ends only this process must end the child, too.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
