import { readFileSync } from 'node:fs';
import { epochSeconds } from '../../../lambda/domain/ids.ts';
import { signedFetch } from '../../../laptop/test/support/signed-fetch.ts';
import type { NewLink } from '../issue-links.ts';
import { expectStatus, type Machine } from './machine.ts';
import type { Step } from './steps.ts';
import { HELLO, IN_PARTS, PAPER, Uploading } from './uploading.ts';

const BOUNCE = readFileSync(new URL('../../golden/eventbridge-bounce.json', import.meta.url), 'utf8');

interface Part {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Creates the steps of uploads and upload links, for their own functions and for others that also serve them. */
export async function uploadStepsOf(machine: Machine) {
  const uploads = new Uploading(machine);
  const published = await uploads.published();
  const paper = await uploads.published(PAPER);

  /** Sends the only part of a multipart upload with the request that a function has signed. */
  const sendPart = async (signed: Promise<Response>): Promise<void> => {
    const { parts } = (await (await expectStatus(signed, 200)).json()) as { parts: readonly Part[] };
    for (const part of parts) await uploads.put(part, HELLO);
  };
  const ofUpload = (uploadId: string, rest = '') => `/uploads/${uploadId}${rest}`;
  const signParts = (uploadId: string) =>
    uploads.ask('POST', ofUpload(uploadId, '/parts'), { partNumbers: [1] });
  const finalize = (uploadId: string) => uploads.ask('POST', ofUpload(uploadId, '/finalize'));
  const review = (uploadId: string, what: string) =>
    uploads.ask('POST', `/operator/uploads/${uploadId}/${what}`);

  /** Issues a link for the published object. */
  const issued = async (details: object = {}, { objectId } = published): Promise<NewLink> => {
    const asked = signedFetch(machine.endpoints, 'POST', '/links', {
      objectId,
      ...details,
    });
    const { links } = (await (await expectStatus(asked, 201)).json()) as { links: readonly [NewLink] };
    return links[0];
  };
  /** Opens an upload through a link, and sends it. */
  const sentFile = async (token: string): Promise<string> => {
    const uploadId = await uploads.openedFile(token);
    await sendPart(uploads.page('parts', { token, uploadId, partNumbers: [1] }));
    return uploadId;
  };
  /** Runs a step while the existing counters with this prefix are full, and then deletes all counters. */
  const withFull = async (prefix: string, step: Step): Promise<void> => {
    for (const counter of await machine.counters(prefix)) await machine.fill(counter);
    try {
      await step();
    } finally {
      await machine.forgetCounts();
    }
  };
  const swept = async (what: 'asked' | 'expired' | 'rejected'): Promise<void> => {
    const counts = await uploads.run('sweep');
    if (counts[what] === 0) throw new Error(`The sweep counted none as ${what}: ${JSON.stringify(counts)}`);
  };

  const steps = {
    uploads: [
      async () => {
        const text = machine.fresh('text');
        await uploads.put(await uploads.open(text, { 'idempotency-key': machine.fresh('request') }), text);
      },
      async () => {
        const { uploadId } = await uploads.openInParts();
        await sendPart(signParts(uploadId));
        await expectStatus(uploads.ask('GET', ofUpload(uploadId, '/parts')), 200);
      },
      async () => {
        const { uploadId } = await uploads.open();
        await expectStatus(uploads.ask('GET', ofUpload(uploadId)), 200);
        await expectStatus(uploads.ask('DELETE', ofUpload(uploadId)), 204);
      },
      async () => {
        await uploads.open();
        await withFull('upload-bytes/', async () => {
          await expectStatus(uploads.ask('POST', '/uploads', IN_PARTS), 429);
        });
      },
    ],
    finalize: [
      async () => {
        await uploads.finalized();
      },
      async () => {
        const { uploadId } = await uploads.openInParts();
        await sendPart(signParts(uploadId));
        await expectStatus(finalize(uploadId), 202);
      },
      async () => {
        await expectStatus(finalize((await uploads.open()).uploadId), 409);
      },
      async () => {
        const { uploadId } = await uploads.sent('%PDF-1.7 is no text');
        await expectStatus(finalize(uploadId), 200);
      },
    ],
    objects: [
      async () => {
        const response = uploads.ask('GET', `/objects/${published.objectId}/download-url`);
        const { url } = (await (await expectStatus(response, 200)).json()) as { url: string };
        await expectStatus(fetch(url), 200);
      },
    ],
    verdicts: [
      async () => {
        await uploads.judge(await uploads.finalized(), 'THREATS_FOUND');
      },
      async () => {
        await uploads.parked();
      },
      async () => {
        const done = machine.polled('verdicts');
        await machine.enqueue('VerdictQueue', uploads.verdict(`c${'0'.repeat(31)}`, 'none', 'FAILED'));
        await done;
      },
    ],
    sweep: [
      async () => {
        await uploads.makeDue(await uploads.finalized());
        await swept('asked');
      },
      async () => {
        await uploads.makeDue(await uploads.noted(), { over: true });
        await swept('expired');
      },
      async () => {
        await uploads.makeDue(await uploads.openInParts(), { over: true });
        await swept('expired');
      },
      async () => {
        const session = await uploads.finalized();
        await uploads.tag(session, 'THREATS_FOUND');
        await uploads.makeDue(session);
        await swept('rejected');
      },
    ],
    reviews: [
      async () => {
        await expectStatus(uploads.ask('GET', '/operator/uploads?state=published'), 200);
        await expectStatus(uploads.ask('GET', `/operator/uploads/${published.uploadId}`), 200);
      },
      async () => {
        await expectStatus(review((await uploads.parked()).uploadId, 'release'), 200);
      },
      async () => {
        await expectStatus(review((await uploads.finalized()).uploadId, 'reject'), 200);
      },
      async () => {
        await expectStatus(review((await uploads.parked()).uploadId, 'rescan'), 200);
      },
    ],
    invites: [
      async () => {
        const named = { 'idempotency-key': machine.fresh('request') };
        const wanted = { for: 'signed contract', to: `${machine.fresh('person')}@example.org` };
        await expectStatus(signedFetch(machine.endpoints, 'POST', '/upload-links', wanted, named), 201);
      },
      async () => {
        const { linkId, token } = await uploads.invited();
        await uploads.openedFile(token);
        await expectStatus(uploads.ask('GET', '/upload-links'), 200);
        await expectStatus(
          uploads.ask('POST', `/upload-links/${linkId}/extend`, { expiresIn: 1_000_000 }),
          200,
        );
        await expectStatus(uploads.ask('DELETE', `/upload-links/${linkId}`), 204);
      },
      async () => {
        const wanted = { for: 'signed contract', to: `${machine.fresh('person')}@example.org` };
        await machine.fill('program-mails');
        try {
          await expectStatus(uploads.ask('POST', '/upload-links', wanted), 503);
        } finally {
          await machine.forgetCounts();
        }
      },
    ],
    receive: [
      async () => {
        const { token } = await uploads.invited();
        await sentFile(token);
        await expectStatus(uploads.page('files', { token }), 200);
      },
      async () => {
        const { token } = await uploads.invited();
        await expectStatus(fetch(`${machine.endpoints.api}/upload?token=${token}`), 200);
      },
      async () => {
        const { token } = await uploads.invited();
        const uploadId = await uploads.openedFile(token);
        await expectStatus(uploads.page('remove', { token, uploadId }), 204);
      },
      async () => {
        const { token } = await uploads.invited();
        await uploads.openedFile(token);
        await withFull('link-bytes/', async () => {
          await expectStatus(uploads.page('open', { token, ...IN_PARTS, fileName: 'more.txt' }), 429);
        });
      },
    ],
    submit: [
      async () => {
        const { token } = await uploads.invited({ notify: 'ines@example.org' });
        const uploadId = await sentFile(token);
        await expectStatus(uploads.page('finalize', { token, uploadId }), 202);
        await expectStatus(uploads.page('finish', { token }), 200);
      },
      async () => {
        const { token } = await uploads.invited();
        await expectStatus(uploads.page('form', { token, fileName: 'notes.txt' }), 200);
        await expectStatus(uploads.page('finish', { token }), 409);
      },
    ],
    outcomes: [
      async () => {
        const rejected = await uploads.stored({ state: 'rejected' });
        const endedAt = epochSeconds(new Date());
        await uploads.storedLink([rejected], { state: 'finished', endedAt });
        const { told } = await uploads.run('outcomes');
        if (told === 0) throw new Error('No inviter was notified');
      },
    ],
  } satisfies Record<string, readonly Step[]>;

  /** Steps of functions that also serve purposes other than uploads. */
  const more = {
    links: [
      async () => {
        await issued();
      },
      async () => {
        const absent = { objectId: `d${'0'.repeat(31)}` };
        await expectStatus(uploads.ask('POST', '/links', absent), 404);
      },
    ],
    redeem: [
      async () => {
        const response = await expectStatus(machine.post('/redeem', (await issued()).token), 200);
        const { url } = (await response.json()) as { url: string };
        await expectStatus(fetch(url), 200);
      },
    ],
    stream: [
      async () => {
        const { token } = await issued({ delivery: 'stream' });
        await (await expectStatus(machine.post('/redeem/stream', token), 200)).bytes();
      },
    ],
    watermark: [
      async () => {
        const { token } = await issued({ delivery: 'stream', watermark: true }, paper);
        await (await expectStatus(machine.post('/redeem/watermark', token), 200)).bytes();
      },
    ],
    mail: [
      async () => {
        const { linkId } = await uploads.storedLink([]);
        await machine.handle('mail', JSON.stringify({ tokenId: linkId, kind: 'invite' }));
      },
      async () => {
        const rejected = await uploads.stored({ state: 'rejected' });
        const { linkId } = await uploads.storedLink([rejected], { state: 'finished' });
        await machine.handle('mail', JSON.stringify({ tokenId: linkId, kind: 'outcome' }));
      },
    ],
    bounces: [
      async () => {
        const { linkId } = await uploads.storedLink([await uploads.stored()]);
        await machine.handle('bounces', BOUNCE.replace('TOKEN_ID', linkId));
      },
    ],
  } satisfies Record<string, readonly Step[]>;
  return { steps, more };
}
