import type { Factor } from './levels.ts'

/** What the login page asks for. */
export type LoginForm = {
  /** The user, when a session says who it is; otherwise the page asks. */
  readonly user: string | null
  /** What the user has to prove now. */
  readonly factors: readonly Factor[]
  /** What went wrong with the last attempt. */
  readonly error: string | null
}

/** The login page; the form posts to the address that it came from. */
export function loginPage({ user, factors, error }: LoginForm): string {
  return page(
    user === null ? 'Log in' : `One more step, ${user}`,
    `${error === null ? '' : `<p role="alert">${escapeHtml(error)}</p>`}
    <form method="post">
      ${user === null ? '<label>User <input name="user" autocomplete="username" required autofocus></label>' : ''}
      ${factors.map((factor) => FIELDS[factor]).join('\n      ')}
    </form>`,
  )
}

/** A page that only says something. */
export function messagePage(message: string): string {
  return page('This did not work', `<p>${escapeHtml(message)}</p>`)
}

const SUBMIT = '<button>Continue</button>'

const FIELDS: Record<Factor, string> = {
  password:
    '<label>Password <input name="password" type="password" autocomplete="current-password"></label>' +
    SUBMIT,
  otp:
    '<label>Code of your authenticator app <input name="otp" inputmode="numeric" autocomplete="one-time-code"></label>' +
    SUBMIT,
  passkey:
    '<p>This provider only simulates the passkey: the button stands for a WebAuthn ceremony.</p>' +
    '<button name="passkey" value="simulated">Use the passkey</button>',
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>${escapeHtml(title)}</title>
  <style>body { font: 16px/1.5 system-ui; max-width: 24rem; margin: 4rem auto } label, button { display: block; margin: 1rem 0 }</style>
  <body>
    <h1>${escapeHtml(title)}</h1>
    ${content}
  </body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
