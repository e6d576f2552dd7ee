import { readFileSync } from 'node:fs';
import { ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newTokenId, type TokenId } from '../../../lambda/domain/ids.ts';
import { LocalServices } from '../../../laptop/test/support/local-services.ts';
import { startFaultProxy } from '../../../test/support/fault-proxy.ts';
import { KeyedPseudonyms } from '../../../test/support/keyed-pseudonyms.ts';
import { email } from '../../../test/support/values.ts';
import type { Traces } from '../../forget/find-traces.ts';
import { forgetBounces } from '../../forget/forget-bounces.ts';
import { type Person, personOf } from '../../forget/person.ts';
import type { QueueAccess } from '../../redrive/queues.ts';
import { createQueues } from '../support/queue-access.ts';

const GOLDEN = readFileSync(new URL('../../../test/golden/eventbridge-bounce.json', import.meta.url), 'utf8');
const services = new LocalServices();
let sqs: SQSClient;
let access: QueueAccess;
let ada: Person;

beforeAll(async () => {
  await services.start();
  sqs = services.sqs();
  const pseudonyms = new KeyedPseudonyms();
  ada = await personOf(email('ada@example.org'), (mailbox) => pseudonyms.of('address', mailbox));
});
afterAll(async () => {
  sqs.destroy();
  await services.remove();
});
beforeEach(async () => {
  access = await createQueues(sqs);
});

/** Returns the SES event for a bounced e-mail, as EventBridge delivers it. */
const bounceOf = (recipient: string, tokenId: TokenId = newTokenId('form')): string =>
  GOLDEN.replaceAll('ada@example.org', recipient).replace('TOKEN_ID', tokenId);

async function put(QueueUrl: string, bodies: readonly string[]): Promise<void> {
  for (let at = 0; at < bodies.length; at += 10) {
    const Entries = bodies
      .slice(at, at + 10)
      .map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
}

/** Receives all visible messages in a queue. */
async function visible(QueueUrl: string): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (;;) {
    const receive = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 60 };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(receive));
    if (Messages.length === 0) return bodies.toSorted();
    bodies.push(...Messages.map(({ Body = '' }) => Body));
  }
}

const NO_TRACES: Pick<Traces, 'received' | 'watched'> = { received: new Set(), watched: new Set() };
const forgotten = (traces = NO_TRACES, within = access) => forgetBounces(within, ada, traces);

/** Runs a task that reaches the same queues through a proxy that makes some calls fail. */
async function behind(spoil: (target: string) => boolean, task: (spoilt: QueueAccess) => Promise<void>) {
  const proxy = await startFaultProxy(services.urlOf('sqs'), (target) =>
    spoil(target)
      ? { fate: 'answer', status: 403, body: '{"__type":"AccessDeniedException"}' }
      : { fate: 'pass' },
  );
  const { credentials } = sqs.config;
  const cut = new SQSClient({ endpoint: proxy.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  await task({ ...access, sqs: cut });
  cut.destroy();
  await proxy.close();
}

describe('forgetBounces', () => {
  test('finds nothing in empty queues', async () => {
    expect(await forgotten()).toEqual({ removed: 0, unseen: 0 });
  });

  test.each([
    ["the person's address", bounceOf('ada@example.org')],
    ["the person's address in upper case and with a plus-tag", bounceOf('Ada+fair@Example.ORG')],
    ["the person's address with a display name", bounceOf('Ada <ada@example.org>')],
    [
      "the person's address as the one that the e-mail was forwarded to",
      bounceOf('list@example.com').replace(
        '"emailAddress": "list@example.com"',
        '"emailAddress": "ada@example.org"',
      ),
    ],
    [
      "the person's address as the source of a complaint",
      bounceOf('ada@example.org')
        .replace('"eventType": "Bounce"', '"eventType": "Complaint"')
        .replace('"bounce": {', '"complaint": {')
        .replace('"bouncedRecipients"', '"complainedRecipients"'),
    ],
    [
      "the person's address as the recipient of a bounced notice",
      bounceOf('ada@example.org').replace('"tokenId": [', '"noticeOf": ['),
    ],
  ])('deletes a message that names %s', async (_, body) => {
    await put(access.pair.deadLetters, [body]);
    expect(await forgotten()).toEqual({ removed: 1, unseen: 0 });
    expect(await visible(access.pair.deadLetters)).toEqual([]);
  });

  test('deletes a message about a link or notice to the person, even if it names another address', async () => {
    const [received, watched] = [newTokenId('form'), newTokenId('form')];
    await put(access.pair.deadLetters, [
      bounceOf('elsewhere@example.com', received),
      bounceOf('elsewhere@example.com', watched).replace('"tokenId": [', '"noticeOf": ['),
    ]);
    const traces = { received: new Set([received]), watched: new Set([watched]) };
    expect(await forgotten(traces)).toEqual({ removed: 2, unseen: 0 });
    expect(await visible(access.pair.deadLetters)).toEqual([]);
  });

  test('leaves the messages about others unchanged and visible', async () => {
    const watched = newTokenId('form');
    const others = [
      ...Array.from({ length: 23 }, (_, at) => bounceOf(`eve${at}@example.org`)),
      bounceOf('ada@example.com'),
      // The e-mail with the link bounced, not Ada's notice.
      bounceOf('eve@example.org', watched),
    ];
    await put(access.pair.deadLetters, [bounceOf('ada@example.org'), ...others]);
    const traces = { received: new Set<TokenId>(), watched: new Set([watched]) };
    expect(await forgotten(traces)).toEqual({ removed: 1, unseen: 0 });
    expect(await visible(access.pair.deadLetters)).toEqual(others.toSorted());
  });

  test("keeps bounces of e-mails that were sent from the person's address to others", async () => {
    await put(access.pair.deadLetters, [bounceOf('eve@example.org')]);
    const sender: Person = { ...ada, mailbox: 'files@example.org' };
    expect(await forgetBounces(access, sender, NO_TRACES)).toEqual({ removed: 0, unseen: 0 });
    expect(await visible(access.pair.deadLetters)).toHaveLength(1);
  });

  test('keeps unreadable messages, and counts them as unseen', async () => {
    await put(access.pair.deadLetters, ['not JSON', '{"detail":{}}']);
    expect(await forgotten()).toEqual({ removed: 0, unseen: 2 });
    expect(await visible(access.pair.deadLetters)).toHaveLength(2);
  });

  test('counts messages as unseen if they are in flight elsewhere or waiting in the bounce queue', async () => {
    await put(access.pair.deadLetters, [bounceOf('ada@example.org')]);
    expect(await visible(access.pair.deadLetters)).toHaveLength(1);
    const waiting = [bounceOf('ada@example.org'), bounceOf('eve@example.org')];
    await put(access.pair.queue, waiting);
    expect(await forgotten()).toEqual({ removed: 0, unseen: 3 });
    expect(await visible(access.pair.queue)).toEqual(waiting.toSorted());
  });

  test('fails and releases the other messages if one cannot be deleted', async () => {
    const bodies = [bounceOf('ada@example.org'), bounceOf('eve@example.org')];
    await put(access.pair.deadLetters, bodies);
    await behind(
      (target) => target.endsWith('DeleteMessageBatch'),
      async (spoilt) => {
        await expect(forgotten(NO_TRACES, spoilt)).rejects.toThrow();
      },
    );
    expect(await visible(access.pair.deadLetters)).toContain(bodies[1]);
  });

  test('stops after 500 rounds if new messages keep arriving, and counts the rest as unseen', async () => {
    let rounds = 0;
    const endless = services.sqs();
    endless.middlewareStack.add((next, { commandName }) => async (args) => {
      if (commandName === 'ReceiveMessageCommand') {
        rounds += 1;
        await put(access.pair.deadLetters, [bounceOf(`eve${rounds}@example.org`)]);
      }
      return next(args);
    });
    expect(await forgotten(NO_TRACES, { ...access, sqs: endless })).toEqual({ removed: 0, unseen: 1 });
    endless.destroy();
    expect(rounds).toBe(500);
  });
});
