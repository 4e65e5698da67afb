import type { MultiMap } from '../../domain/access-request.ts'
import type { PathParams } from '../match/path-template.ts'
import { available } from './fact-roots.ts'
import { contentType } from './media-type.ts'
import { Unavailable } from './unavailable.ts'
import type { World } from './world.ts'

const NO_REQUEST = new Unavailable('request')
const NO_BODY = new Unavailable('request.body')
/** A parameter that is given more often is nobody's form, and a loop over it would cost too much. */
const MAX_VALUES = 100

const LONG_LIST = new Unavailable('request.query')
const NO_COUNTRY = new Unavailable('source.country')
const NO_ASN = new Unavailable('source.asn')
const NO_ADDRESS = new Unavailable('source.ip')

/** `request` in an expression. */
export class RequestRoot {
  readonly #world: World
  readonly method: string
  readonly host: string
  readonly path: string
  readonly scheme: string
  readonly protocol: string
  readonly headers: MultiMap
  readonly context: ReadonlyMap<string, string>
  /** Captured by the rule at hand; set before its condition is evaluated. */
  params: PathParams = new Map()
  #body: object | null | undefined

  constructor(world: World) {
    const { request } = world
    this.#world = world
    this.method = request.method
    this.host = request.host
    this.path = request.path.text
    this.scheme = request.scheme
    this.protocol = request.protocol
    this.headers = request.headers
    this.context = request.context
  }

  get query(): MultiMap {
    const { query } = this.#world.request
    for (const values of query.values()) if (values.length > MAX_VALUES) throw LONG_LIST
    return query
  }

  /** When it arrived at Envoy. */
  get time(): object {
    // biome-ignore lint/style/noRestrictedGlobals: CEL's timestamp is a Date; made from a given instant, it is no clock
    return new Date(this.#world.request.time)
  }

  /** Bytes of the body; known only when all of it is there. */
  get size(): bigint {
    const { body } = this.#world.request
    if (body.kind !== 'complete') throw NO_BODY
    return BigInt(body.bytes.length)
  }

  get content_type(): string {
    return contentType(this.#world.request)
  }

  get schedules(): readonly string[] {
    return this.#world.schedules(this.#world.now)
  }

  get body(): object {
    if (this.#body === undefined) this.#body = this.#world.body()
    if (this.#body === null) throw NO_BODY
    return this.#body
  }
}

/** Every name under `request`; a test holds them against the environment's. */
export const FIELDS = [
  ...['method', 'host', 'path', 'scheme', 'protocol', 'query', 'headers', 'params', 'body'],
  ...['size', 'content_type', 'context', 'time', 'schedules'],
]

/** `request` where nothing is known of it: whatever reads it is undecided. */
export class UnknownRequestRoot extends RequestRoot {
  constructor(world: World) {
    super(world)
    for (const field of FIELDS) {
      const get = () => {
        throw NO_REQUEST
      }
      Object.defineProperty(this, field, { get, set: () => undefined })
    }
  }
}

/** `source` in an expression. */
export class SourceRoot {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  get ip(): string {
    if (this.#world.request.source.ip === null) throw NO_ADDRESS
    return this.#world.request.source.ip
  }

  get networks(): readonly string[] {
    return this.#world.networks(this.ip)
  }

  get principal(): string {
    return this.#world.request.source.principal
  }

  get country(): string {
    return available(this.#world.facts().location?.country, NO_COUNTRY)
  }

  get asn(): bigint {
    return BigInt(available(this.#world.facts().location?.asn, NO_ASN))
  }
}
