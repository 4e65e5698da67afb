import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** The repository. */
export const ROOT = join(import.meta.dirname, '../..')

/** The text of a file of the repository. */
export function readText(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/** The data of a YAML file, with merge keys as Docker Compose reads them; an anchor's name is nobody's concern. */
export function readYaml<T>(file: string): T {
  return parse(readText(file), { merge: true }) as T
}

/** One service of `docker-compose.yml`, in the forms that the file uses. */
export type ComposeService = {
  readonly image?: string
  readonly build?: { readonly context: string; readonly target: string }
  readonly command?: readonly string[]
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>
  readonly network_mode?: string
  readonly networks?: { readonly default: { readonly aliases: readonly string[] } }
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly profiles?: readonly string[]
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
}

/** `docker-compose.yml`. */
export type ComposeFile = {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly volumes: Readonly<Record<string, unknown>>
}

/** The compose file, with variables as they are when nobody has set one. */
export function readCompose(): ComposeFile {
  const text = readText('docker-compose.yml').replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
  return parse(text, { merge: true }) as ComposeFile
}

/** A service of the compose file, which must have it. */
export function serviceOf({ services }: ComposeFile, name: string): ComposeService {
  const service = services[name]
  if (service === undefined) throw new Error(`docker-compose.yml has no service "${name}"`)
  return service
}

/** The ports of this machine on which a service can be reached. */
export function publishedPorts({ ports = [] }: ComposeService): readonly number[] {
  return ports.map((port) => Number(port.split(':')[1]))
}

/** One instruction of the Dockerfile, its lines joined. */
export type Instruction = { readonly stage: string; readonly name: string; readonly text: string }

/** The Dockerfile's instructions; a stage without a name is called like its image. */
export function readDockerfile(): readonly Instruction[] {
  const lines = readText('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
  let stage = ''
  return lines.map((line) => {
    const [, name = '', text = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
    if (name === 'FROM') stage = /\bAS (\w+)$/.exec(text)?.[1] ?? text
    return { stage, name, text }
  })
}
