import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { type Schema, schemas } from './description.ts';

type Json = { readonly [key: string]: unknown };

/** Returns the errors in a value, one line each. Empty if the value matches the schema. */
type Complaints = (schema: Schema, value: unknown) => readonly string[];

/** References to the schemas that other schemas extend. */
const extended = new Set(
  Object.values(schemas).flatMap(({ allOf = [] }) => (allOf as Json[]).map(({ $ref }) => $ref)),
);

/** Checks values against the published schemas, which allow unknown members. */
export const complaints: Complaints = validatorOf((schema) => schema);

/** Checks values strictly: unknown members are errors, so the machine can send only what is documented. */
export const complaintsOfClosed: Complaints = validatorOf(closed);

/** Creates a JSON Schema 2020-12 validator that rejects unknown keywords and formats. */
export function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
  formats.default(ajv);
  // ajv-formats has no check for this address format, and our parser has its own tests.
  ajv.addFormat('idn-email', /^[^@\s]+@[^@\s]+$/);
  return ajv;
}

function validatorOf(prepare: (schema: unknown) => unknown): Complaints {
  const ajv = newAjv();
  for (const [name, schema] of Object.entries(schemas)) {
    // A closed schema would reject the members of schemas that extend it.
    const prepared = extended.has(`#/components/schemas/${name}`) ? schema : prepare(schema);
    ajv.addSchema(absolute(prepared) as Json, `schema:${name}`);
  }
  const compiled = new Map<Schema, ValidateFunction>();
  return (schema, value) => {
    const validate = compiled.get(schema) ?? ajv.compile(absolute(prepare(schema)) as Json | boolean);
    compiled.set(schema, validate);
    validate(value);
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}

/**
 * Forbids unknown members in every object schema that names its members, unless the schema already has its own rule
 * for them.
 */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null || 'additionalProperties' in value) return value;
  const parts = Object.entries(value).map(([key, part]) => [key, closed(part)]);
  const namesMembers = ('properties' in value && 'type' in value) || 'allOf' in value;
  return { ...Object.fromEntries(parts), ...(namesMembers && { unevaluatedProperties: false }) };
}

/** Replaces references to the document's schemas with schema names, at any depth. */
function absolute(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/^#\/components\/schemas\//, 'schema:');
  if (Array.isArray(value)) return value.map(absolute);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, absolute(part)]));
}
