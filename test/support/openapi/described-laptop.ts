import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { JsonService } from '../../../lambda/adapters/json-service.ts';
import { macsOf } from '../../../lambda/adapters/kms-derived-keys.ts';
import { KmsSigningKeys } from '../../../lambda/adapters/kms-signing-keys.ts';
import { epochSeconds, newTokenId, secondsAfter } from '../../../lambda/domain/ids.ts';
import { keyEpochOf } from '../../../lambda/domain/key-epoch.ts';
import { signToken, type TokenKind } from '../../../lambda/domain/token.ts';
import { createClients } from '../../../laptop/src/clients.ts';
import { signedFetch } from '../../../laptop/test/support/signed-fetch.ts';
import { issueLink, type NewLink } from '../issue-links.ts';
import { type Laptop, postToken, startLaptop } from '../laptop.ts';
import { addressOf, type Caller, createCaller, textOf } from './caller.ts';
import { operationOf } from './description.ts';
import type { ResponseBook } from './response-book.ts';

/** The default file for links. */
const ASSET = 'private/report.pdf';

/** Local mode with every response checked against the OpenAPI description. */
export interface DescribedLaptop {
  readonly laptop: Laptop;
  /** Makes a call, signed if the description requires it. */
  readonly ask: Caller;
  /** Issues an API link. */
  issue(terms?: object): Promise<NewLink>;
  /** Issues an API link and redeems it. */
  redeemed(terms?: object): Promise<NewLink>;
  /** Issues an API link and revokes it. */
  revoked(): Promise<NewLink>;
  /** Returns a genuine token without a record. With a negative lifetime, the token has already expired. */
  tokenOfNothing(lifetimeSeconds: number, kind?: TokenKind): Promise<string>;
  withdraw(key: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts local mode with watermarks and collections, and `example.org` as the only allowed recipient domain. */
export async function startDescribedLaptop(book: ResponseBook): Promise<DescribedLaptop> {
  const laptop = await startLaptop({ allowedRecipients: 'example.org', watermarks: 'on', collections: 'on' });
  const { endpoints } = laptop;
  const { accessKeyId, secretAccessKey, region } = endpoints;
  const clients = createClients(endpoints, endpoints, region);
  const kms = new JsonService({
    service: 'kms',
    url: endpoints.kms,
    target: 'TrentService',
    version: '1.1',
    region,
    credentials: { accessKeyId, secretAccessKey },
  });
  const keys = new KmsSigningKeys(macsOf(kms), endpoints.signingKeyId);

  const ask = createCaller(book, async (route, call) => {
    const address = addressOf(route, call);
    const method = route.split(' ', 1)[0] as 'GET' | 'POST' | 'DELETE';
    const { security } = operationOf(route);
    const { signer } = call;
    if (security.length > 0 && signer !== 'nobody' && typeof call.body !== 'string') {
      return signedFetch({ ...endpoints, ...signer }, method, address, call.body, call.headers);
    }
    const body = textOf(call);
    const headers = { ...(body !== undefined && { 'content-type': 'application/json' }), ...call.headers };
    return fetch(`${endpoints.api}${address}`, { method, headers, redirect: 'manual', body: body ?? null });
  });

  const issue: DescribedLaptop['issue'] = (terms = {}) =>
    issueLink(endpoints, 'assets' in terms ? terms : { asset: ASSET, ...terms });
  return {
    laptop,
    ask,
    issue,
    redeemed: async (terms) => {
      const link = await issue(terms);
      await (await postToken(`${endpoints.api}/redeem`, link.token)).text();
      return link;
    },
    revoked: async () => {
      const link = await issue();
      await signedFetch(endpoints, 'DELETE', `/links/${link.tokenId}`);
      return link;
    },
    tokenOfNothing: async (lifetimeSeconds, kind) => {
      const now = epochSeconds(new Date());
      const keyEpoch = keyEpochOf(now);
      const expiresAt = secondsAfter(now, lifetimeSeconds);
      return signToken(
        { tokenId: newTokenId('form'), keyEpoch, expiresAt },
        await keys.keyFor(keyEpoch),
        kind,
      );
    },
    withdraw: async (Key) => {
      await clients.s3.send(new DeleteObjectCommand({ Bucket: endpoints.bucket, Key }));
    },
    close: async () => {
      clients.destroy();
      kms.destroy();
      await laptop.close();
    },
  };
}
