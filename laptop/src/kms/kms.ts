import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { RunningService } from '../loopback-server.ts';
import { parseJson } from '../parse-json.ts';
import { type Callers, type ProxiedService, startAuthProxy } from '../services/auth-proxy.ts';
import { jsonError, jsonResponse, type Upstream } from '../services/emulator.ts';
import { protocolError, refuseJson } from '../services/json-protocol.ts';
import type { AwsError } from '../sigv4/signature-failure.ts';
import { openKeyRing } from './key-ring.ts';

/** The region and account in key ARNs. */
interface KeyHome {
  readonly region: string;
  readonly accountId: string;
}

export interface RunningKms extends RunningService {
  /** Creates an HMAC_256 key unless one with this ID exists. Returns its ARN. */
  createHmacKey(keyId: string): string;
}

/** Maximum size of a request in bytes. Large enough for the longest message in base64 and the JSON around it. */
const MAX_BODY_BYTES = 16_384;

/** The only algorithm that HMAC_256 keys support. */
const ALGORITHM = 'HMAC_SHA_256';

const Input = z.object({
  KeyId: z.string().min(1).max(2048),
  MacAlgorithm: z.string(),
  Message: z
    .base64()
    .min(1)
    .transform((text) => Buffer.from(text, 'base64'))
    .refine(({ length }) => length <= 4096, 'Message is longer than 4096 bytes.'),
});

/**
 * Starts a local KMS on 127.0.0.1 that supports only `GenerateMac`.
 *
 * @param dataDir the folder for key material. It is created if it does not exist
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html
 */
export async function startKms(
  { port, dataDir, ...home }: KeyHome & { readonly port: number; readonly dataDir: string },
  callers: Callers,
): Promise<RunningKms> {
  const keys = openKeyRing(dataDir);
  const send: Upstream = async ({ headers, body }) => {
    const input = readInput(headers['x-amz-target'], body);
    if ('code' in input) return jsonError(input);
    const arn = arnOf(home, input.KeyId);
    const key = keys.find(arn.slice(keyArn(home, '').length));
    if (key === undefined)
      return jsonError({ code: 'NotFoundException', message: `Key '${arn}' does not exist` });
    if (input.MacAlgorithm !== ALGORITHM) {
      return jsonError({
        code: 'InvalidKeyUsageException',
        message: `Algorithm ${input.MacAlgorithm} is incompatible with key spec HMAC_256.`,
      });
    }
    const Mac = createHmac('sha256', key).update(input.Message).digest('base64');
    return jsonResponse(200, { KeyId: arn, Mac, MacAlgorithm: ALGORITHM });
  };
  return {
    ...(await startAuthProxy(kms(home), port, { send, close: async () => undefined }, callers)),
    createHmacKey: (keyId) => {
      keys.create(keyId);
      return keyArn(home, keyId);
    },
  };
}

/** As in KMS, authorization comes first, so that callers without permission cannot find out whether a key exists. */
const kms = (home: KeyHome): ProxiedService => ({
  name: 'kms',
  region: home.region,
  maxBodyBytes: MAX_BODY_BYTES,
  refuse: refuseJson,
  requiredPermissions: (request, body) => {
    const error = protocolError(request, 'TrentService', '1.1');
    if (error !== undefined) return error;
    const input = readInput(request.headers['x-amz-target'], body);
    if ('code' in input) return input;
    return [
      {
        action: 'kms:GenerateMac',
        resource: arnOf(home, input.KeyId),
        conditions: { 'kms:MacAlgorithm': input.MacAlgorithm },
      },
    ];
  },
});

function readInput(target: unknown, body: Buffer): z.output<typeof Input> | AwsError {
  if (target !== 'TrentService.GenerateMac')
    return { code: 'UnsupportedOperationException', message: 'Only GenerateMac is supported.' };
  const input = Input.safeParse(parseJson(body.toString('utf8')));
  return input.data ?? { code: 'ValidationException', message: z.prettifyError(input.error) };
}

const keyArn = ({ region, accountId }: KeyHome, keyId: string): string =>
  `arn:aws:kms:${region}:${accountId}:key/${keyId}`;

/** Returns a key's ARN, given its ID or ARN. */
const arnOf = (home: KeyHome, idOrArn: string): string =>
  idOrArn.startsWith(keyArn(home, '')) ? idOrArn : keyArn(home, idOrArn);
