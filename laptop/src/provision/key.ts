import { z } from 'zod';
import { LaptopError } from '../laptop-error.ts';
import type { StackModel, StackResource } from '../template/stack-model.ts';

/** What the provisioner needs of the laptop's KMS. */
export interface KeyMaker {
  createHmacKey(keyId: string): unknown;
}

const Properties = z.object({ KeySpec: z.string().default('SYMMETRIC_DEFAULT') });

/**
 * Creates an HMAC key. A symmetric one needs no material here: it only encrypts what S3, SQS and DynamoDB keep,
 * and on the laptop they do not.
 */
export function provisionKey(model: StackModel, resource: StackResource, kms: KeyMaker): void {
  const { KeySpec } = model.read(resource, Properties);
  if (KeySpec === 'HMAC_256') kms.createHmacKey(model.refOf(resource));
  else if (KeySpec !== 'SYMMETRIC_DEFAULT')
    throw new LaptopError(`The laptop has no keys of spec ${KeySpec}, which ${resource.logicalId} asks for.`);
}
