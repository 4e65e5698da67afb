import type { AccessRequest } from '../domain/access-request.ts'
import type { Identity } from '../domain/identity.ts'
import type { Dialect } from './dialects.ts'
import { isNavigation } from './navigation.ts'
import { entryUrl, type Moment, type RedirectSettings } from './redirect.ts'

/** Which clients speak which dialect; the first entry that fits is taken. */
export type DialectSettings = {
  readonly default: DialectName
  readonly dialects: readonly DialectEntry[]
  readonly entra: { readonly authorization_uri: string }
  /** Null where nobody is redirected. */
  readonly redirect: RedirectSettings | null
}

type DialectName = Dialect['name']

type DialectEntry = {
  /** Name in lower case → the one value that the header must have. */
  readonly when_header?: Readonly<Record<string, string>> | undefined
  /** The issuer's name in the settings. */
  readonly when_issuer?: string | undefined
  readonly when_host?: string | undefined
  readonly dialect: DialectName
}

/** How this client is to be challenged, whatever for. */
export type ChooseDialect = (request: AccessRequest, identity: Identity) => Dialect

const PLAIN: Dialect = { name: 'rfc9470' }

/** What an application registers when it can handle claims challenges, in any case. */
const CAPABILITY = 'cp1'

/**
 * Creates the choice. What a client says of itself decides only how it is told, never what: a header that lies gets its
 * sender a challenge that it cannot read. A redirect is for navigation, and anything else is answered by RFC 9470.
 */
export function createChooseDialect(
  settings: DialectSettings,
  moment: () => Moment,
): ChooseDialect {
  return (request, identity) => {
    const entry = settings.dialects.find((one) => fits(one, request, identity))
    const name = entry?.dialect ?? settings.default
    switch (name) {
      case 'rfc9470':
        return PLAIN
      case 'okta':
        return { name }
      case 'entra': {
        const { authorization_uri: authorizationUri } = settings.entra
        return { name, authorizationUri, capable: handlesClaims(identity) }
      }
      case 'redirect':
        return redirect(settings.redirect, request, moment)
    }
  }
}

function redirect(
  settings: RedirectSettings | null,
  request: AccessRequest,
  moment: () => Moment,
): Dialect {
  const opted = settings?.hosts.includes(request.host) && isNavigation(request)
  if (settings === null || !opted) return PLAIN
  return { name: 'redirect', entry: (wish) => entryUrl(settings, request, wish, moment()) }
}

function fits(entry: DialectEntry, request: AccessRequest, identity: Identity): boolean {
  const { when_header: headers = {}, when_issuer: issuer, when_host: host } = entry
  return (
    (issuer === undefined || issuer === issuerOf(identity)) &&
    (host === undefined || host === request.host) &&
    Object.entries(headers).every(([name, value]) => hasOnly(request, name, value))
  )
}

function hasOnly({ headers }: AccessRequest, name: string, value: string): boolean {
  const values = headers.get(name)
  return values?.length === 1 && values[0] === value
}

function issuerOf(identity: Identity): string | null {
  return identity.kind === 'authenticated' ? identity.subject.issuer : null
}

function handlesClaims(identity: Identity): boolean {
  if (identity.kind !== 'authenticated') return false
  const { xms_cc: capabilities } = identity.subject.claims
  return Array.isArray(capabilities) && capabilities.some(isCapability)
}

function isCapability(value: unknown): boolean {
  return typeof value === 'string' && value.toLowerCase() === CAPABILITY
}
