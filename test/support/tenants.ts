import { createHash, randomBytes } from 'node:crypto';
import { eventually } from '../../laptop/test/support/eventually.ts';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { type IdentityProvider, startIdentityProvider } from './identity-provider.ts';
import { type Laptop, startLaptop } from './laptop.ts';
import { AUDIENCE, CLAIM, type Ids, methodOf, optionsFor, pathOf } from './tenant-routes.ts';

/** A tenant with its own way to call the API. */
export interface Tenant {
  send(route: string, ids?: Partial<Ids>, body?: object): Promise<Response>;
  /**
   * The IDs of two uploads, each with the ID of the tenant's upload link. The first is published. The second is a
   * session for a file in parts, none of which has been sent.
   */
  readonly own: readonly [Ids, Ids];
  readonly linkUrl: string;
  /** The presigned URL to which the tenant's first file was sent. */
  readonly putUrl: string;
}

/** Local mode with an identity provider and three separate tenants. */
export interface Tenants {
  readonly laptop: Laptop;
  readonly provider: IdentityProvider;
  readonly tenants: { readonly acme: Tenant; readonly globex: Tenant; readonly signed: Tenant };
  close(): Promise<void>;
}

/** Starts local mode. Each tenant issues an upload link, publishes a file, and opens a session for another file. */
export async function startTenants(): Promise<Tenants> {
  const provider = await startIdentityProvider(AUDIENCE);
  const closings = [provider.close];
  const close = async () => {
    for (const each of closings.toReversed()) await each();
  };
  try {
    const laptop = await startLaptop({ ...optionsFor(provider.issuer), collections: 'on', events: 'true' });
    closings.push(laptop.close);
    return { laptop, provider, tenants: await tenantsOf(laptop, provider), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function tenantsOf({ endpoints }: Laptop, provider: IdentityProvider): Promise<Tenants['tenants']> {
  const bearing =
    (org: string): Tenant['send'] =>
    async (route, ids, body) =>
      fetch(`${endpoints.api}${pathOf(route, ids)}`, {
        method: methodOf(route),
        headers: {
          authorization: `Bearer ${await provider.token({ [CLAIM]: org })}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
  const signing: Tenant['send'] = (route, ids, body) =>
    signedFetch(endpoints, methodOf(route), pathOf(route, ids), body);

  const tenant = async (base: '' | '/oidc', send: Tenant['send']): Promise<Tenant> => {
    const asked = send(`POST ${base}/upload-links`, {}, { for: 'the signed contract' });
    const { linkId, url: linkUrl } = await json<{ linkId: string; url: string }>(asked, 201);
    const { url: putUrl, ...whole } = await published(send, base);
    const parts = await begun(send, base);
    return {
      send,
      own: [
        { ...whole, linkId },
        { ...parts, linkId },
      ],
      linkUrl,
      putUrl,
    };
  };
  return {
    acme: await tenant('/oidc', bearing('acme')),
    globex: await tenant('/oidc', bearing('globex')),
    signed: await tenant('', signing),
  };
}

async function json<Body>(sent: Promise<Response>, status: number): Promise<Body> {
  const response = await sent;
  const text = await response.text();
  if (response.status !== status) throw new Error(`${response.url} returned ${response.status} ${text}`);
  return JSON.parse(text) as Body;
}

const declared = (text: string, checksum: object) => ({
  fileName: 'notes.txt',
  type: 'text/plain',
  size: text.length,
  ...checksum,
});

type UploadIds = Pick<Ids, 'uploadId' | 'objectId'>;

async function published(send: Tenant['send'], base: string): Promise<UploadIds & { readonly url: string }> {
  const text = randomBytes(20).toString('hex');
  const sha256 = createHash('sha256').update(text).digest('hex');
  const session = await json<UploadIds & { url: string; headers: Record<string, string> }>(
    send(`POST ${base}/uploads`, {}, declared(text, { sha256 })),
    201,
  );
  const { 'content-length': _length, ...headers } = session.headers;
  const { status } = await fetch(session.url, { method: 'PUT', headers, body: text });
  if (status !== 200) throw new Error(`The PUT got status ${status}`);
  await send(`POST ${base}/uploads/{uploadId}/finalize`, session);
  await eventually(
    () => json<{ state: string }>(send(`GET ${base}/uploads/{uploadId}`, session), 200),
    ({ state }) => state === 'published',
  );
  const { uploadId, objectId, url } = session;
  return { uploadId, objectId, url };
}

async function begun(send: Tenant['send'], base: string): Promise<UploadIds> {
  const { uploadId, objectId } = await json<UploadIds>(
    send(`POST ${base}/uploads`, {}, declared('parts', { crc64nvme: 'AAAAAAAAAAA=' })),
    201,
  );
  return { uploadId, objectId };
}
