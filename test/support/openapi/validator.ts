import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { type Schema, schemas } from './description.ts';

type Json = { readonly [key: string]: unknown };

/** Says what is wrong with a value, in a line each; nothing when it is as the schema says. */
type Complaints = (schema: Schema, value: unknown) => readonly string[];

/** Holds values against schemas of the document as it is published: members that it does not name are let through. */
export const complaints: Complaints = validatorOf((schema) => schema);

/** The same, but an object may have no member that the document does not name: a machine says what it has said. */
export const complaintsOfClosed: Complaints = validatorOf(closed);

/** A validator of JSON Schema 2020-12 that refuses keywords and formats it does not know. */
export function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
  formats.default(ajv);
  // An address that ajv-formats has no words for; the parser that reads it has tests of its own.
  ajv.addFormat('idn-email', /^[^@\s]+@[^@\s]+$/);
  return ajv;
}

function validatorOf(prepare: (schema: unknown) => unknown): Complaints {
  const ajv = newAjv();
  for (const [name, schema] of Object.entries(schemas)) {
    // Others only build upon it: shut, it would let none of their members through.
    const prepared = name === 'Problem' ? schema : prepare(schema);
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

/** Shuts every object that names its members, unless it is shut already. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null || 'additionalProperties' in value) return value;
  const parts = Object.entries(value).map(([key, part]) => [key, closed(part)]);
  const namesMembers = 'properties' in value && ('type' in value || 'allOf' in value);
  return { ...Object.fromEntries(parts), ...(namesMembers && { unevaluatedProperties: false }) };
}

/** References into the document lead to a schema by its name, wherever they stand. */
function absolute(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/^#\/components\/schemas\//, 'schema:');
  if (Array.isArray(value)) return value.map(absolute);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, absolute(part)]));
}
