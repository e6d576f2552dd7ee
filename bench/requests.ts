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
import { objectOf } from '../lambda/domain/uploads/upload.ts';
import { linkToken, UPLOADS, VERSION } from './upload-rows.ts';

/** An event, and the status that a working function returns for it. */
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

/** Returns the record of a token: a streamed API link for `API`, and a mailed form link for any other ID. */
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

/** Returns the request with which each function is measured, by function name. */
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
    ...uploadInvocations(),
  };
}

const SCHEDULED = { event: { id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa' }, expectedStatus: 200 };

function uploadInvocations(): Readonly<Record<string, Invocation>> {
  const { fileName, type, size } = ASSET;
  const declared = { fileName, type, size, sha256: '0'.repeat(64) };
  const path = { uploadId: UPLOADS.sent };
  return {
    uploads: { event: signed('POST /uploads', {}, declared), expectedStatus: 201 },
    finalize: { event: signed('POST /uploads/{uploadId}/finalize', path), expectedStatus: 202 },
    objects: {
      event: signed('GET /objects/{objectId}/download-url', { objectId: objectOf(UPLOADS.published) }),
      expectedStatus: 200,
    },
    verdicts: { event: queueEvent(verdict()), expectedStatus: 200 },
    sweep: SCHEDULED,
    reviews: { event: signed('GET /operator/uploads/{uploadId}', path), expectedStatus: 200 },
    invites: { event: signed('POST /upload-links', {}, { for: 'the signed contract' }), expectedStatus: 201 },
    receive: {
      event: apiEvent('get-redeem', {
        resource: '/upload',
        multiValueQueryStringParameters: { token: [linkToken(MONTH_KEY)] },
      }),
      expectedStatus: 200,
    },
    submit: {
      event: apiEvent('post-redeem-form', {
        resource: '/upload/finish',
        body: `token=${linkToken(MONTH_KEY)}`,
      }),
      expectedStatus: 302,
    },
    outcomes: SCHEDULED,
  };
}

function signed(route: string, pathParameters: object, body?: object): unknown {
  const [httpMethod, resource] = route.split(' ');
  return apiEvent('post-links-iam', {
    httpMethod,
    resource,
    pathParameters,
    body: body === undefined ? null : JSON.stringify(body),
  });
}

function verdict(): unknown {
  return JSON.parse(
    readText('../test/golden/eventbridge-scan-result.json')
      .replaceAll('BUCKET', 'file-bucket')
      .replaceAll('UPLOAD_ID', UPLOADS.finalized)
      .replaceAll('VERSION_ID', VERSION),
  );
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
