import { eventSchemas } from '../../docs/build/webhooks.ts';
import { newAjv } from './openapi/validator.ts';

const ajv = newAjv();

/** Validators by type. They allow no members but those that are described. */
const validators = new Map(
  eventSchemas().map((schema) => [schema.title, ajv.compile({ ...schema, unevaluatedProperties: false })]),
);

/** Returns what is wrong with an event. Empty if it matches the schema of its type. */
export function complaintsOfEvent(event: { readonly type: string }): readonly string[] {
  const validate = validators.get(event.type);
  if (validate === undefined) return [`There is no schema of ${event.type}`];
  validate(event);
  return (validate.errors ?? []).map(
    ({ instancePath, message }) => `${event.type} ${instancePath} ${message}`,
  );
}
