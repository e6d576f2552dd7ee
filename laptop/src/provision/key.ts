import { z } from 'zod';
import { LaptopError } from '../laptop-error.ts';
import type { StackModel, StackResource } from '../template/stack-model.ts';

/** Creates keys. */
export interface KeyMaker {
  createHmacKey(keyId: string): unknown;
}

const Properties = z.object({ KeySpec: z.string().default('SYMMETRIC_DEFAULT') });

/** Creates an HMAC key. For symmetric keys, it creates nothing, because local mode does not encrypt. */
export function provisionKey(model: StackModel, resource: StackResource, kms: KeyMaker): void {
  const { KeySpec } = model.read(resource, Properties);
  if (KeySpec === 'HMAC_256') kms.createHmacKey(model.refOf(resource));
  else if (KeySpec !== 'SYMMETRIC_DEFAULT')
    throw new LaptopError(`Local mode does not support the key spec ${KeySpec} of ${resource.logicalId}.`);
}
