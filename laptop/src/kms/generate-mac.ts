import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { type Decision, denialMessage } from '../access.ts';
import { parseJson } from '../parse-json.ts';
import type { AwsError } from '../sigv4/signature-failure.ts';
import type { KeyRing } from './key-ring.ts';

/** The output of GenerateMac, or KMS's error. */
export type MacOutcome =
  | { readonly ok: true; readonly output: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly error: AwsError };

/** The region and account in the ARNs of keys. */
export interface KeyHome {
  readonly region: string;
  readonly accountId: string;
}

const Input = z.object({
  KeyId: z.string().min(1).max(2048),
  MacAlgorithm: z.string(),
  // 4,096 bytes, encoded in base64.
  Message: z.base64().min(1).max(5464),
});

/** The only algorithm that HMAC_256 keys support. */
const ALGORITHM = 'HMAC_SHA_256';

export const keyArn = ({ region, accountId }: KeyHome, keyId: string): string =>
  `arn:aws:kms:${region}:${accountId}:key/${keyId}`;

/**
 * Computes the HMAC of a message with the key that has the given ID or ARN.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html
 */
export async function generateMac(
  body: Buffer,
  {
    keys,
    home,
    mayUse,
  }: {
    readonly keys: KeyRing;
    readonly home: KeyHome;
    mayUse(arn: string, algorithm: string): Decision | Promise<Decision>;
  },
): Promise<MacOutcome> {
  const input = Input.safeParse(parseJson(body.toString('utf8')));
  if (!input.success) return refused('ValidationException', z.prettifyError(input.error));
  const { KeyId, MacAlgorithm, Message } = input.data;
  const message = Buffer.from(Message, 'base64');
  if (message.length > 4096) return refused('ValidationException', 'Message is longer than 4096 bytes.');

  const prefix = keyArn(home, '');
  const keyId = KeyId.startsWith(prefix) ? KeyId.slice(prefix.length) : KeyId;
  const arn = keyArn(home, keyId);
  // As in KMS, authorization comes first, so that callers without permission cannot find out whether a key exists.
  const decision = await mayUse(arn, MacAlgorithm);
  if (!decision.allowed) return refused('AccessDeniedException', denialMessage(decision));
  const key = keys.find(keyId);
  if (key === undefined) return refused('NotFoundException', `Key '${arn}' does not exist`);
  if (MacAlgorithm !== ALGORITHM) {
    return refused(
      'InvalidKeyUsageException',
      `Algorithm ${MacAlgorithm} is incompatible with key spec HMAC_256.`,
    );
  }
  const mac = createHmac('sha256', key).update(message).digest('base64');
  return { ok: true, output: { KeyId: arn, Mac: mac, MacAlgorithm: ALGORITHM } };
}

const refused = (code: string, message: string): MacOutcome => ({ ok: false, error: { code, message } });
