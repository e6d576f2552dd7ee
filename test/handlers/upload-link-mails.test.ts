import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { createBouncesHandler } from '../../lambda/handlers/bounces.ts';
import { createMailHandler } from '../../lambda/handlers/mail.ts';
import { createOutcomesHandler } from '../../lambda/handlers/outcomes.ts';
import { composeLetter } from '../../lambda/views/link-letter.ts';
import { createHandlerWorld, type HandlerWorld } from '../support/handler-world.ts';
import { createLinkWorld, invited, type LinkWorld, linkRow } from '../support/memory-link-world.ts';

const BOUNCE = readFileSync(new URL('../golden/eventbridge-bounce.json', import.meta.url), 'utf8');

let links: LinkWorld;
let world: HandlerWorld;

beforeEach(() => {
  links = createLinkWorld();
  world = createHandlerWorld();
});

const event = (body: string) => ({ Records: [{ messageId: 'm', body }] });

describe('the mail queue', () => {
  const handle = (message: object, uploadLinks: object | undefined) => {
    const compose = (letter: Parameters<typeof composeLetter>[0]) => composeLetter(letter, (token) => token);
    const parts = uploadLinks && { ...links, composeLetter: compose };
    return createMailHandler({ ...world, uploadLinks: parts })(event(JSON.stringify(message)));
  };

  test('the e-mail about an upload link is sent to its addressee', async () => {
    const { link, token } = await invited(links);
    expect(await handle({ tokenId: link.linkId, kind: 'invite' }, links)).toEqual({ batchItemFailures: [] });
    expect(world.mailer.sent.map(({ to }) => to)).toEqual(['ada@example.org']);
    expect(world.mailer.sent[0]?.text).toContain(token);
    expect(world.mailer.subjects).toEqual([{ kind: 'link', tokenId: link.linkId }]);
    expect(world.telemetry.milestones).toEqual(['MailSent']);
  });

  test('a message about an upload link returns to the queue if the deployment accepts no uploads', async () => {
    const { link } = await invited(links);
    expect(await handle({ tokenId: link.linkId, kind: 'invite' }, undefined)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm' }],
    });
  });
});

describe('the bounce queue', () => {
  test('a permanent bounce of an invitation revokes the upload link, but no token', async () => {
    const { link } = await invited(links);
    const handler = createBouncesHandler({ ...world, uploadLinks: links });
    expect(await handler(event(BOUNCE.replace('TOKEN_ID', link.linkId)))).toEqual({ batchItemFailures: [] });
    expect(linkRow(links, link).state).toBe('revoked');
    expect(world.store.receipts.size).toBe(0);
    expect(world.telemetry.milestones).toEqual(['MailBounced']);
  });
});

describe('the scheduled run of the outcomes function', () => {
  test('a link that cannot be handled is logged and counted, and does not stop the run', async () => {
    async function* untold() {
      yield (await invited(links)).link;
    }
    const failing = { find: () => Promise.reject(new Error('down')), change: links.links.change, untold };
    const handler = createOutcomesHandler({ ...links, links: failing, telemetry: world.telemetry });
    expect(await handler({ id: 'run' })).toEqual({ told: 0, failed: 1 });
    expect(world.telemetry.faults).toHaveLength(1);
  });
});
