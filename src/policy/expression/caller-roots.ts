import { Duration } from '@marcbachmann/cel-js/evaluator'
import { authAge } from '../../domain/assurance.ts'
import type { Login, Subject } from '../../domain/identity.ts'
import { available } from './fact-roots.ts'
import { Unavailable } from './unavailable.ts'
import type { World } from './world.ts'

const NO_SUBJECT = new Unavailable('subject')
const NO_SESSION = new Unavailable('session')
const NO_AGE = new Unavailable('session.age')
const NO_FINGERPRINT = new Unavailable('session.fingerprint_changed')
const NO_ROLES_ADDED = new Unavailable('subject.roles_added')
const NO_REVOKED = new Unavailable('session.revoked')
const NO_DISABLED = new Unavailable('subject.disabled')

/** `subject` in an expression: without a caller only `authenticated` and `disabled` can be read. */
export class SubjectRoot {
  readonly #world: World
  #claims: object | null = null

  constructor(world: World) {
    this.#world = world
  }

  get authenticated(): boolean {
    return this.#world.subject !== null
  }

  get id(): string {
    return this.#subject.id
  }

  get issuer(): string {
    return this.#subject.issuer
  }

  get client_id(): string | undefined {
    return this.#subject.clientId
  }

  get workload(): boolean {
    return this.#subject.workload
  }

  get roles(): readonly string[] | undefined {
    return this.#subject.roles
  }

  get groups(): readonly string[] | undefined {
    return this.#subject.groups
  }

  get scopes(): readonly string[] | undefined {
    return this.#subject.scopes
  }

  get tenant(): string | undefined {
    return this.#subject.tenant
  }

  get claims(): object {
    this.#claims ??= this.#world.claims(this.#subject)
    return this.#claims
  }

  get roles_added(): readonly string[] {
    return available(this.#world.facts().rolesAdded, NO_ROLES_ADDED)
  }

  /** Nobody is not disabled. */
  get disabled(): boolean {
    return available(this.#world.facts().subjectDisabled, NO_DISABLED)
  }

  get #subject(): Subject {
    if (this.#world.subject === null) throw NO_SUBJECT
    return this.#world.subject
  }
}

/** `session` in an expression: the login behind the token. */
export class SessionRoot {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  get id(): string | undefined {
    const { sessionId, authTime } = this.#login
    if (sessionId !== undefined) return sessionId
    return authTime === undefined ? undefined : `${this.#world.subject?.id ?? ''}@${authTime}`
  }

  get acr(): string | undefined {
    return this.#login.acr
  }

  get amr(): readonly string[] | undefined {
    return this.#login.amr
  }

  get auth_time(): object | undefined {
    const { authTime } = this.#login
    // biome-ignore lint/style/noRestrictedGlobals: CEL's timestamp is a Date; made from a claim, it is no clock
    return authTime === undefined ? undefined : new Date(authTime * 1000)
  }

  get auth_age(): Duration | undefined {
    const age = authAge(this.#login, this.#world.now)
    return age === null ? undefined : Duration.fromMilliseconds(age * 1000)
  }

  get age(): Duration {
    return Duration.fromMilliseconds(available(this.#world.facts().sessionAge, NO_AGE) * 1000)
  }

  get fingerprint_changed(): boolean {
    return available(this.#world.facts().fingerprintChanged, NO_FINGERPRINT)
  }

  /** No login was not revoked. */
  get revoked(): boolean {
    return available(this.#world.facts().sessionRevoked, NO_REVOKED)
  }

  /** No login proves nothing: false, not unavailable. */
  at_least(level: string): boolean {
    return this.#world.login !== null && this.#world.atLeast(level)
  }

  get #login(): Login {
    if (this.#world.login === null) throw NO_SESSION
    return this.#world.login
  }
}
