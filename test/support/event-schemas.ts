import { eventSchemas } from '../../docs/build/webhooks.ts';
import { newAjv } from './openapi/validator.ts';

const ajv = newAjv();

/** Validators by event type. They reject undocumented members. */
const validators = new Map(
  eventSchemas().map((schema) => [schema.title, ajv.compile({ ...schema, unevaluatedProperties: false })]),
);

/** Returns the ways in which an event does not match its type's schema. */
export function complaintsOfEvent(event: { readonly type: string }): readonly string[] {
  const validate = validators.get(event.type);
  if (validate === undefined) return [`There is no schema for ${event.type}`];
  validate(event);
  return (validate.errors ?? []).map(
    ({ instancePath, message }) => `${event.type} ${instancePath} ${message}`,
  );
}
