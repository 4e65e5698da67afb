import * as oidc from 'openid-client'
import { logIn } from '/client/log-in.ts'
import { createStepUpFetch } from '/client/step-up.ts'

const settings = await (await fetch('/settings.json')).json()
const { issuer, clientId, scopes, target, api } = settings
const byId = (id) => document.getElementById(id)
const [says, dialog] = [byId('says'), byId('step-up')]

const config = await oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), {
  execute: [oidc.allowInsecureRequests], // a provider on loopback alone has no https
})
const application = { redirectUri: `${location.origin}/callback`, scopes, target }

/** The provider's pages in a window of their own; `location.href` at the callback, or an error where it is cancelled. */
function inWindow(start) {
  const { promise, resolve, reject } = Promise.withResolvers()
  const channel = new BroadcastChannel('login')
  const expected = start.searchParams.get('state')
  channel.onmessage = ({ data }) => {
    const end = new URL(data)
    if (end.searchParams.get('state') === expected) resolve(end)
  }
  dialog.onclose = () => reject(new Error('The login was cancelled'))
  // Browsers open windows on clicks only, and the click that sent the request is long over.
  // And what they show there must not be able to lead this page elsewhere: noopener.
  const features = 'noopener,popup,width=480,height=640'
  byId('continue').onclick = () => window.open(start, 'login', features)
  byId('cancel').onclick = () => dialog.close()
  dialog.showModal()
  return promise.finally(() => {
    channel.close()
    dialog.onclose = null
    dialog.close()
  })
}

const login = (wish) => logIn(config, { ...application, visit: inWindow }, wish)
let stepUpFetch

/** Shows what came of it, and of an error what the provider says: a challenge that no login mended is one like any other. */
function onClick(button, work) {
  button.onclick = async () => {
    says.textContent = 'One moment …'
    says.textContent = await work().catch(
      ({ name, message, error = '' }) => `${name}: ${message} ${error}`,
    )
  }
}

onClick(byId('log-in'), async () => {
  const token = await login({})
  // A new one, for the one before keeps the stepped-up token of whoever was logged in before.
  stepUpFetch = createStepUpFetch({ config, ordinaryToken: async () => token, login })
  byId('change').disabled = false
  return 'You are logged in'
})

onClick(byId('change'), async () => {
  const response = await stepUpFetch(new URL('/v1/licenses/L-1/tier', api), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tier: 'business', seats: 60 }),
  })
  const { license, detail } = await response.json()
  return response.ok ? `L-1 is a ${license.tier} licence` : `${response.status}: ${detail}`
})

says.textContent = 'Ready'
