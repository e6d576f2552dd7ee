import { readFileSync } from 'node:fs';
import { newTokenId } from '../../../lambda/domain/ids.ts';
import { MOST_ATTEMPTS } from '../../../lambda/domain/presence-code.ts';
import type { NewLink } from '../issue-links.ts';
import { samplePdf } from '../pdfs.ts';
import { differing } from '../presence-codes.ts';
import { streamRecord, TTL } from '../stream-records.ts';
import { expectStatus, type Machine } from './machine.ts';
import { uploadStepsOf } from './upload-steps.ts';

/** A step of the journey that one function carries out. It throws if the function fails. */
export type Step = () => Promise<void>;

export interface Journey {
  /** Steps by function name. */
  readonly steps: Readonly<Record<string, readonly Step[]>>;
  /** Preparatory steps that involve other functions, by the name of the function that needs them. */
  readonly before: Readonly<Record<string, Step>>;
}

const ASSET = 'report.pdf';
const PRIVATE = 'private/contract.pdf';

const BOUNCE = readFileSync(new URL('../../golden/eventbridge-bounce.json', import.meta.url), 'utf8');

/** Returns each function's steps: one for each branch that calls a service, the branch with the most calls first. */
export async function stepsOf(machine: Machine): Promise<Journey> {
  const { endpoints, police } = machine;
  await machine.offer(ASSET);
  await machine.offer(PRIVATE);
  const missing = () => machine.fresh('missing');
  const stamped = async (asset: string, terms: object = {}) => {
    await machine.offer(asset, await samplePdf());
    return await machine.issued(asset, { delivery: 'stream', watermark: true, ...terms });
  };

  /** Holds two writes of one receipt until both have arrived. */
  const holdReceipts = (): void => {
    police.holdTogether(
      2,
      ({ action, resource }) => action === 'dynamodb:PutItem' && resource.endsWith(endpoints.receiptTable),
    );
  };
  /** Makes two concurrent calls that race to put one receipt. @throws Error if they do not get the expected statuses */
  const race = async (send: () => Promise<Response>, statuses: readonly number[]): Promise<void> => {
    holdReceipts();
    const responses = await Promise.all([send(), send()]);
    const got = responses.map(({ status }) => status).sort();
    if (got.join() !== statuses.join()) throw new Error(`Expected statuses ${statuses}, got ${got}`);
  };

  /** Tries to redeem a link while all streams are in use. */
  const whileStreamsAreBusy = async (
    path: '/redeem/stream' | '/redeem/watermark' | '/redeem/zip',
    token: string,
  ): Promise<void> => {
    for (let slot = 0; slot < 4; slot += 1) await machine.fill(`streams/${slot}`);
    try {
      await expectStatus(machine.post(path, token), 503);
    } finally {
      await machine.forgetCounts();
    }
  };

  const notice = (tokenId: string) => JSON.stringify({ tokenId, kind: 'notice' });
  /** The tokens of ended links that can be renewed, by file name. */
  const ended = new Map<string, Promise<string>>();
  const endedToken = (asset: string): Promise<string> => {
    const token = ended.get(asset) ?? redeemedToken(machine, asset);
    ended.set(asset, token);
    return token;
  };
  const renew = async (asset: string, status: number): Promise<void> => {
    await expectStatus(machine.post('/redeem/renew', await endedToken(asset)), status);
  };
  const gone = machine.fresh('gone');

  /** Redeems a link with the right presence code, and ends another link with wrong codes. */
  const withCodes = async (
    path: '/redeem' | '/redeem/stream' | '/redeem/watermark' | '/redeem/zip',
    issue: (terms: object) => Promise<NewLink>,
  ): Promise<void> => {
    const right = await issue({ presenceCode: true });
    await (await expectStatus(machine.post(path, right.token, right.presenceCode), 200)).bytes();
    const { token, presenceCode = '' } = await issue({ presenceCode: true });
    for (let wrong = 1; wrong <= MOST_ATTEMPTS + 1; wrong += 1) {
      await expectStatus(machine.post(path, token, differing(presenceCode, 1)), 403);
    }
  };

  const uploads = await uploadStepsOf(machine);
  const steps = {
    ...uploads.steps,
    mint: [
      async () => {
        await expectStatus(machine.ask(ASSET), 202);
      },
      async () => {
        await expectStatus(machine.ask(missing()), 404);
      },
      async () => {
        const address = `${machine.fresh('person')}@example.org`;
        await expectStatus(machine.ask(ASSET, address), 202);
        await expectStatus(machine.ask(ASSET, address), 202);
      },
    ],
    links: [
      async () => {
        await machine.issued(ASSET, { recipient: `${machine.fresh('person')}@example.org` });
      },
      async () => {
        await machine.issued(PRIVATE);
      },
      async () => {
        await expectStatus(machine.issue(missing()), 404);
      },
      async () => {
        await machine.fill('program-mails');
        const recipient = `${machine.fresh('person')}@example.org`;
        try {
          await expectStatus(machine.issue(ASSET, { recipient }), 503);
        } finally {
          await machine.forgetCounts();
        }
      },
      async () => {
        const { tokenId } = await machine.issued(ASSET);
        await expectStatus(machine.get(`/links/${tokenId}`), 200);
        await expectStatus(machine.get('/links'), 200);
        await expectStatus(machine.get(`/links?asset=${ASSET}`), 200);
        await expectStatus(machine.get('/operator/tokens?recipient=nobody@example.org'), 200);
      },
      async () => {
        const { tokenId } = await machine.issued(ASSET);
        await expectStatus(machine.revoke(tokenId), 204);
      },
      async () => {
        const { tokenId } = await machine.issued(ASSET);
        await race(() => machine.revoke(tokenId), [204, 204]);
      },
      async () => {
        await expectStatus(machine.revoke((await machine.collection([ASSET, PRIVATE])).tokenId), 204);
      },
      async () => {
        await stamped(PRIVATE);
      },
      ...uploads.more.links,
    ],
    collection: [
      async () => {
        await expectStatus(fetch((await machine.collection([ASSET, PRIVATE])).url), 200);
      },
    ],
    zip: [
      async () => {
        // Resets slots that could not be freed because a permission was removed.
        await machine.forgetCounts();
        const terms = { delivery: 'zip', notify: 'issuer@example.org', presenceCode: true };
        const { token, presenceCode } = await machine.collection([ASSET, PRIVATE], terms);
        await (await expectStatus(machine.post('/redeem/zip', token, presenceCode), 200)).bytes();
      },
      async () => {
        const name = machine.fresh('withdrawn');
        await machine.offer(name);
        const { token } = await machine.collection([ASSET, name], { delivery: 'zip' });
        await machine.withdraw(name);
        await expectStatus(machine.post('/redeem/zip', token), 404);
      },
      async () => {
        const { token } = await machine.collection([ASSET, PRIVATE], { delivery: 'zip' });
        await race(() => machine.post('/redeem/zip', token), [200, 403]);
      },
      async () => {
        const { token } = await machine.collection([ASSET, PRIVATE], { delivery: 'zip' });
        await whileStreamsAreBusy('/redeem/zip', token);
      },
      () =>
        withCodes('/redeem/zip', (terms) =>
          machine.collection([ASSET, PRIVATE], { delivery: 'zip', ...terms }),
        ),
    ],
    pages: [
      async () => {
        const { token } = await machine.issued(ASSET);
        await expectStatus(fetch(`${endpoints.api}/redeem?token=${token}`), 200);
      },
    ],
    challenges: [
      async () => {
        await expectStatus(fetch(`${endpoints.api}/challenge?asset=${ASSET}`), 200);
      },
    ],
    redeem: [
      () => withCodes('/redeem', (terms) => machine.issued(ASSET, terms)),
      async () => {
        const { token } = await machine.issued(ASSET);
        const response = await expectStatus(machine.post('/redeem', token), 200);
        const { url } = (await response.json()) as { url: string };
        await expectStatus(fetch(url), 200);
      },
      async () => {
        const { token } = await machine.issued(PRIVATE, { notify: 'issuer@example.org' });
        const response = await expectStatus(machine.post('/redeem', token), 200);
        const { url } = (await response.json()) as { url: string };
        await expectStatus(fetch(url), 200);
      },
      async () => {
        const name = machine.fresh('withdrawn');
        await machine.offer(name);
        const { token } = await machine.issued(name);
        await machine.withdraw(name);
        await expectStatus(machine.post('/redeem', token), 404);
      },
      async () => {
        const { token } = await machine.issued(ASSET);
        await race(() => machine.post('/redeem', token), [200, 403]);
      },
      ...uploads.more.redeem,
    ],
    stream: [
      () => withCodes('/redeem/stream', (terms) => machine.issued(ASSET, { delivery: 'stream', ...terms })),
      async () => {
        const { token } = await machine.issued(ASSET, { delivery: 'stream', notify: 'issuer@example.org' });
        await (await expectStatus(machine.post('/redeem/stream', token), 200)).bytes();
      },
      async () => {
        const { token } = await machine.issued(PRIVATE, { delivery: 'stream' });
        await (await expectStatus(machine.post('/redeem/stream', token), 200)).bytes();
      },
      async () => {
        const name = machine.fresh('withdrawn');
        await machine.offer(name);
        const { token } = await machine.issued(name, { delivery: 'stream' });
        await machine.withdraw(name);
        await expectStatus(machine.post('/redeem/stream', token), 404);
      },
      async () => {
        const { token } = await machine.issued(ASSET, { delivery: 'stream' });
        await race(() => machine.post('/redeem/stream', token), [200, 403]);
      },
      async () => {
        const { token } = await machine.issued(ASSET, { delivery: 'stream' });
        await whileStreamsAreBusy('/redeem/stream', token);
      },
      ...uploads.more.stream,
    ],
    watermark: [
      () => withCodes('/redeem/watermark', (terms) => stamped(ASSET, terms)),
      async () => {
        const { token } = await stamped(ASSET, { notify: 'issuer@example.org' });
        await (await expectStatus(machine.post('/redeem/watermark', token), 200)).bytes();
      },
      async () => {
        const { token } = await stamped(PRIVATE);
        await (await expectStatus(machine.post('/redeem/watermark', token), 200)).bytes();
      },
      async () => {
        const name = machine.fresh('withdrawn');
        const { token } = await stamped(name);
        await machine.withdraw(name);
        await expectStatus(machine.post('/redeem/watermark', token), 404);
      },
      async () => {
        const { token } = await stamped(ASSET);
        await race(() => machine.post('/redeem/watermark', token), [200, 403]);
      },
      async () => {
        const { token } = await stamped(ASSET);
        await whileStreamsAreBusy('/redeem/watermark', token);
      },
      ...uploads.more.watermark,
    ],
    mail: [
      // Invokes the function as its queue would.
      async () => {
        await machine.handle('mail', JSON.stringify({ tokenId: await machine.mailable(ASSET) }));
      },
      async () => {
        await machine.handle('mail', notice(await machine.untold(ASSET)));
      },
      // Exceeds the daily quota by one notice.
      async () => {
        const tokenId = await machine.untold(ASSET);
        await machine.fill('program-mails');
        try {
          await machine.handle('mail', notice(tokenId));
        } finally {
          await machine.forgetCounts();
        }
      },
      // Waits until the message has been polled and removed from the queue, and the next poll starts.
      async () => {
        const done = machine.polled('mail');
        await machine.mailedToken(ASSET);
        await done;
      },
      ...uploads.more.mail,
    ],
    bounces: [
      async () => {
        await machine.handle('bounces', BOUNCE.replace('TOKEN_ID', await machine.mailable(ASSET)));
      },
      async () => {
        const event = BOUNCE.replace('TOKEN_ID', await machine.mailable(ASSET));
        holdReceipts();
        await Promise.all([machine.handle('bounces', event), machine.handle('bounces', event)]);
      },
      async () => {
        const done = machine.polled('bounces');
        await machine.enqueue('BounceQueue', BOUNCE.replace('TOKEN_ID', await machine.mailable(ASSET)));
        await done;
      },
      ...uploads.more.bounces,
    ],
    events: [
      async () => {
        const expired = { tokenId: newTokenId('form'), asset: { name: ASSET }, issuedBy: 'public' };
        const before = { ...expired, expiresAt: Math.floor(Date.now() / 1000) - 3600 };
        const write = { table: endpoints.tokenTable, before, after: undefined };
        await machine.deliver('events', streamRecord(write, { at: new Date(), sequenceNumber: 1, by: TTL }));
      },
    ],
    renewals: [
      async () => {
        await machine.forgetCounts();
        await renew(ASSET, 202);
      },
      // Within the cooldown, the response is the same, but no e-mail is sent.
      async () => {
        await renew(ASSET, 202);
        await renew(ASSET, 202);
      },
      async () => {
        await renew(gone, 404);
      },
      async () => {
        await expectStatus(machine.post('/redeem/report', await endedToken(ASSET)), 200);
      },
      async () => {
        const { token } = await machine.issued(ASSET);
        await expectStatus(machine.post('/redeem', token), 200);
        await expectStatus(machine.post('/redeem/report', token), 200);
      },
    ],
  };
  return {
    steps,
    before: {
      renewals: async () => {
        await endedToken(ASSET);
        await machine.offer(gone);
        await endedToken(gone);
        await machine.withdraw(gone);
      },
    },
  };
}

async function redeemedToken(machine: Machine, asset: string): Promise<string> {
  const token = await machine.mailedToken(asset);
  await expectStatus(machine.post('/redeem', token), 200);
  return token;
}
