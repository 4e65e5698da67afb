import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PackageDefinition } from '@grpc/proto-loader'
import { officialProtos, ourProtos } from './support.ts'

/** Declared by Envoy since 1.37, later than the official files at hand; the number was read in Envoy's own repository. */
const NEWER = 'envoy.service.auth.v3.CheckResponse.error_response = 5 TYPE_MESSAGE LABEL_OPTIONAL'

type Descriptor = {
  readonly name: string
  readonly field: readonly Field[]
  readonly nestedType: readonly Descriptor[]
  readonly enumType: readonly Enum[]
}
type Field = Record<'name' | 'number' | 'label' | 'type' | 'typeName', string>
type Enum = { readonly name: string; readonly value: readonly { name: string; number: number }[] }

/** One line a field or enum value: full name, number, type and label; a map is a repeated message of key and value. */
function declarations(protos: PackageDefinition): string[] {
  return Object.entries(protos).flatMap(([name, definition]) => {
    if (!('type' in definition)) return methods(name, definition)
    const type = definition.type as Descriptor | Enum
    return 'field' in type ? fields(name, type) : enumValues(name, type)
  })
}

function methods(name: string, service: object): string[] {
  return Object.values(service).map(
    ({ path, requestStream, responseStream }) =>
      `${name} ${path} ${requestStream}${responseStream}`,
  )
}

function fields(name: string, { field, nestedType, enumType }: Descriptor): string[] {
  return [
    ...field.map((f) =>
      `${name}.${f.name} = ${f.number} ${f.type} ${f.label} ${lastName(f.typeName)}`.trimEnd(),
    ),
    ...nestedType.flatMap((nested) => fields(`${name}.${nested.name}`, nested)),
    ...enumType.flatMap((nested) => enumValues(`${name}.${nested.name}`, nested)),
  ]
}

/** The loader writes type names relative to their surroundings, which differ where the official file has more in it. */
function lastName(typeName: string): string {
  return typeName.slice(typeName.lastIndexOf('.') + 1)
}

function enumValues(name: string, { value }: Enum): string[] {
  return value.map((entry) => `${name}.${entry.name} = ${entry.number}`)
}

const official = new Set(declarations(officialProtos))
const ours = declarations(ourProtos)

test('every field, enum value and method of ours is one of Envoy’s', () => {
  const foreign = ours.filter((declaration) => !official.has(declaration))
  assert.deepEqual(foreign, [`${NEWER} DeniedHttpResponse`])
})

test('the comparison sees every kind of declaration', () => {
  for (const part of [
    'AttributeContext.HttpRequest.headers = 3 TYPE_MESSAGE LABEL_REPEATED',
    'AttributeContext.HttpRequest.Headers.value = 2 TYPE_STRING',
    'HeaderValueOption.HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD = 2',
    'StatusCode.Unauthorized = 401',
    'google.rpc.Status.code = 1 TYPE_INT32',
    'Authorization /envoy.service.auth.v3.Authorization/Check',
  ]) {
    assert.ok(
      ours.some((declaration) => declaration.includes(part)),
      `${part} is not among:\n${ours.join('\n')}`,
    )
  }
})
