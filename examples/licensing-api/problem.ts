/** A refusal of the API, sent as RFC 9457 problem details. */
export class Problem extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail)
    this.status = status
    this.headers = headers
  }
}

/** The thing that the path names does not exist. */
export function notFound(what: string, id: string): Problem {
  return new Problem(404, `there is no ${what} ${JSON.stringify(id)}`)
}

/** The request contradicts the state of the thing. */
export function conflict(detail: string): Problem {
  return new Problem(409, detail)
}
