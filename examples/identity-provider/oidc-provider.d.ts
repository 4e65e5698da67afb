/** The few parts of `oidc-provider` 9 that this example uses; the package ships no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>)
    readonly Grant: new (owner: {
      accountId: string
      clientId: string
    }) => Grant
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    on(event: 'server_error', listener: (context: unknown, error: Error) => void): this
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: { login: { accountId: string; acr: string; amr: readonly string[] } },
      options: { mergeWithLastSubmission: boolean },
    ): Promise<void>
  }

  export type Grant = {
    addOIDCScope(scope: string): void
    addResourceScope(resource: string, scope: string): void
    save(): Promise<string>
  }

  /** What the provider wants from the user, and the session that there is already. */
  export type Interaction = {
    readonly uid: string
    readonly prompt: { readonly name: string; readonly reasons: readonly string[] }
    readonly params: { readonly acr_values?: string; readonly login_hint?: string }
    readonly session?: { readonly accountId: string; readonly amr?: readonly string[] }
  }

  /** The context of one request. */
  export type Context = {
    readonly type?: string
    body?: unknown
    readonly oidc: {
      readonly provider: Provider
      readonly acr?: string
      readonly params: { readonly acr_values?: string }
      readonly client: { readonly clientId: string }
      readonly session: { readonly accountId: string }
      readonly entities: { readonly AuthorizationCode?: AuthorizationCode }
    }
  }

  export type AuthorizationCode = {
    readonly acr?: string
    readonly amr?: readonly string[]
    readonly authTime?: number
  }

  export namespace errors {
    class InvalidTarget extends Error {}
    class SessionNotFound extends Error {}
  }

  export namespace interactionPolicy {
    class Check {
      constructor(reason: string, description: string, check: (context: Context) => boolean)
    }
    function base(): { get(prompt: string): { checks: { add(check: Check): void } } }
  }
}

declare module 'oidc-provider/lib/adapters/memory_adapter.js' {
  /** A store of its own for one provider; everything in it ends with the process. */
  export function createMemoryAdapter(): (model: string) => unknown
}
