import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { AuditDeps } from '../../src/service/start-audit.ts'
import { type RunningRecords, startRecords } from '../../src/service/start-records.ts'
import { readSecrets, type Secrets } from '../../src/settings/read-secrets.ts'
import type { Settings } from '../../src/settings/read-settings.ts'
import { IDP, settingsOf } from '../settings/reading.ts'

/** The secrets of a service that needs none. */
export const NO_SECRETS: Secrets = secretsOf(settingsOf(IDP))

function secretsOf(settings: Settings): Secrets {
  const read = readSecrets(settings, {}, () => assert.fail('no secret is read'))
  return read.kind === 'secrets' ? read.secrets : assert.fail('a secret is missing')
}

/** What keeps decisions in a test; `about` says where, and what differs. */
export function recordsOf(
  about: Pick<AuditDeps, 'settings' | 'secrets' | 'lifecycle' | 'events'> & Partial<AuditDeps>,
): Promise<RunningRecords> {
  return startRecords({
    version: '0.0.0',
    instance: 'test',
    stdout: () => process.stdout,
    stopReason: () => 'the test is over',
    now: Date.now,
    clock: () => performance.now(),
    random: () => 0,
    newId: randomUUID,
    ...about,
  })
}
