import { readFileSync } from 'node:fs';
import {
  type CallerId,
  type EpochSeconds,
  epochSeconds,
  secondsAfter,
  type TokenId,
} from '../lambda/domain/ids.ts';
import { keyEpochOf } from '../lambda/domain/key-epoch.ts';
import { sealOf } from '../lambda/domain/record-seal.ts';
import type { TokenRecord } from '../lambda/domain/records.ts';
import { signToken } from '../lambda/domain/token.ts';

/** Holds an event, and the status that a working function answers it with. */
export interface Invocation {
  readonly event: unknown;
  readonly expectedStatus: number;
}

/** The key that the benchmark's KMS derives for every month. */
export const MONTH_KEY = Buffer.alloc(32);

const ENDED = 'f00000000000000000000000000000ed' as TokenId;
const FORM = 'f0000000000000000000000000000001' as TokenId;
const API = 'a0000000000000000000000000000001' as TokenId;

const ASSET = {
  name: 'report.pdf',
  key: 'gated/report.pdf',
  versionId: 'version-1',
  fileName: 'report.pdf',
  type: 'application/pdf',
  size: 1_000_000,
} as TokenRecord['asset'];

const NOW = epochSeconds(new Date());

/** Returns the record of a token: the file's version 1, a form link by mail or an API link that is streamed. */
export function recordOf(tokenId: string): TokenRecord {
  const issuedAt = secondsAfter(NOW, -60);
  const common = {
    tokenId: tokenId as TokenId,
    asset: ASSET,
    issuedAt,
    keyEpoch: keyEpochOf(issuedAt),
    expiresAt: secondsAfter(NOW, tokenId === ENDED ? -1 : 86_400) as EpochSeconds,
  };
  if (tokenId !== API) {
    return {
      ...common,
      issuedBy: 'public',
      open: 'confirm',
      delivery: 'redirect',
      recipient: { address: 'ada@example.org', pseudonym: 'pseudonym' } as NonNullable<
        TokenRecord['recipient']
      >,
    };
  }
  const unsealed: TokenRecord = {
    ...common,
    issuedBy: 'arn:aws:iam::111122223333:user/operator',
    callerId: 'AIDACKCEVSQ6C2EXAMPLE' as CallerId,
    open: 'confirm',
    delivery: 'stream',
  };
  return { ...unsealed, seal: sealOf(unsealed, MONTH_KEY) };
}

/** Returns the request that each function is measured with, by the function's name. */
export function invocations(): Readonly<Record<string, Invocation>> {
  return {
    empty: { event: {}, expectedStatus: 200 },
    mint: {
      event: apiEvent('post-token-json', {
        body: JSON.stringify({ email: 'ada@example.org', asset: ASSET.name }),
      }),
      expectedStatus: 202,
    },
    mail: { event: queueEvent({ tokenId: FORM }), expectedStatus: 200 },
    pages: {
      event: apiEvent('get-redeem', { multiValueQueryStringParameters: { token: [tokenOf(FORM)] } }),
      expectedStatus: 200,
    },
    redeem: { event: posted('/redeem', FORM), expectedStatus: 302 },
    stream: { event: posted('/redeem/stream', API), expectedStatus: 200 },
    links: { event: apiEvent('post-links-iam', {}), expectedStatus: 201 },
    renewals: { event: posted('/redeem/renew', ENDED), expectedStatus: 202 },
    bounces: { event: queueEvent(bounce()), expectedStatus: 200 },
  };
}

function tokenOf(tokenId: TokenId): string {
  return signToken(recordOf(tokenId), MONTH_KEY);
}

function posted(resource: string, tokenId: TokenId): unknown {
  return apiEvent('post-redeem-form', { resource, body: `token=${tokenOf(tokenId)}` });
}

function apiEvent(golden: string, changed: object): unknown {
  return { ...(readJson(`../laptop/test/golden/${golden}.json`) as object), ...changed };
}

function queueEvent(message: unknown): unknown {
  const event = readJson('../laptop/test/golden/sqs-mail.json') as { readonly Records: readonly object[] };
  return { Records: event.Records.map((record) => ({ ...record, body: JSON.stringify(message) })) };
}

function bounce(): unknown {
  return JSON.parse(readText('../test/golden/eventbridge-bounce.json').replaceAll('TOKEN_ID', FORM));
}

function readJson(path: string): unknown {
  return JSON.parse(readText(path));
}

function readText(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}
