import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../../lambda/domain/errors.ts';
import {
  deliverLinkMail,
  type LinkLetter,
} from '../../../../lambda/domain/upload-links/deliver-link-mail.ts';
import { extendLink } from '../../../../lambda/domain/upload-links/extend-link.ts';
import { handleLinkBounce } from '../../../../lambda/domain/upload-links/handle-link-bounce.ts';
import { revokeLink } from '../../../../lambda/domain/upload-links/revoke-link.ts';
import type { LinkMail } from '../../../../lambda/domain/upload-links/upload-link.ts';
import { faulty } from '../../../support/intercept.ts';
import {
  createLinkWorld,
  finishedLink,
  invited,
  type LinkWorld,
  linkRow,
} from '../../../support/memory-link-world.ts';
import { MemoryMailer } from '../../../support/memory-mailer.ts';
import { TENANT } from '../../../support/memory-upload-world.ts';

let world: LinkWorld;
let mailer: MemoryMailer;

beforeEach(() => {
  world = createLinkWorld();
  mailer = new MemoryMailer();
});

/** Returns an e-mail with just enough content to tell it from others. */
const composeLetter = ({ to, content }: LinkLetter) => {
  const text =
    content.mail === 'invite' ? content.token : content.files.map(({ fileName }) => fileName).join();
  return { to, subject: content.mail, text, html: text };
};

const deliver = (
  linkId: Parameters<typeof deliverLinkMail>[1],
  mail: LinkMail,
  deps: Partial<LinkWorld> = {},
) => deliverLinkMail({ ...world, mailer, composeLetter, ...deps }, linkId, mail);

/** Returns how many e-mails have been counted. It first waits until the locks on sending have expired. */
const counted = () => {
  world.time.advance(60);
  return world.quota.countOf('caller-mails/');
};

const sent = () => mailer.sent.map(({ to, subject, text }) => [to, subject, text]);

describe('an e-mail about an upload link', () => {
  test('the invitation carries the token, and is sent once', async () => {
    const { link, token } = await invited(world);
    expect(await deliver(link.linkId, 'invite')).toBe('mailed');
    expect(await deliver(link.linkId, 'invite')).toBe('nothing-to-do');
    expect(sent()).toEqual([['ada@example.org', 'invite', token]]);
    expect(counted()).toBe(1);
  });

  test('if two messages about one e-mail are handled at the same time, one sends it and the other returns to the queue', async () => {
    const { link, token } = await invited(world);
    expect(await Promise.all([deliver(link.linkId, 'invite'), deliver(link.linkId, 'invite')])).toEqual([
      'mailed',
      'busy',
    ]);
    await finishedLink(world, token);
    const both = (['received', 'arrived'] as const).flatMap((mail) => [mail, mail]);
    expect(await Promise.all(both.map((mail) => deliver(link.linkId, mail)))).toEqual([
      ...['mailed', 'busy', 'mailed', 'busy'],
    ]);
    expect(mailer.sent.map(({ subject }) => subject)).toEqual(['invite', 'received', 'arrived']);
  });

  test("the e-mails that tell the uploader and the inviter about files count against the inviter's limit", async () => {
    const { link, token } = await invited(world);
    await finishedLink(world, token);
    for (const mail of ['received', 'arrived'] as const) await deliver(link.linkId, mail);
    expect(sent()).toEqual([
      ['ada@example.org', 'received', 'report.pdf'],
      ['ines@example.org', 'arrived', 'report.pdf'],
    ]);
    expect(counted()).toBe(3);
    expect(await deliver(link.linkId, 'outcome')).toBe('refused');
    const lines = await world.linkHistory.linesOf(link.linkId);
    expect(lines.find(({ event }) => event === 'mail-failed')).toMatchObject({ reason: 'mail-limit' });
  });

  test.each(['invite', 'received', 'arrived', 'outcome'] as const)(
    'the e-mail "%s" is not sent for a revoked link',
    async (mail) => {
      const { link } = await invited(world);
      await revokeLink(world, link.linkId, 'x');
      expect(await deliver(link.linkId, mail)).toBe('nothing-to-do');
    },
  );

  test('only the outcome is mailed for an expired link', async () => {
    const { link } = await invited(world);
    world.time.advance(8 * 86_400);
    expect(await deliver(link.linkId, 'invite')).toBe('nothing-to-do');
    expect(await deliver(link.linkId, 'received')).toBe('nothing-to-do');
    expect(await deliver(link.linkId, 'outcome')).toBe('mailed');
  });

  test('the outcome is mailed again if an expired link was extended, because more files may have come', async () => {
    const { link, token } = await invited(world);
    world.time.advance(8 * 86_400);
    expect(await deliver(link.linkId, 'outcome')).toBe('mailed');
    expect(await deliver(link.linkId, 'outcome')).toBe('nothing-to-do');
    world.time.advance(60);
    await extendLink(world, { linkId: link.linkId, tenant: TENANT, seconds: 86_400 });
    await finishedLink(world, token);
    expect(await deliver(link.linkId, 'outcome')).toBe('mailed');
    expect(await deliver(link.linkId, 'outcome')).toBe('nothing-to-do');
    expect(mailer.sent.map(({ text }) => text)).toEqual(['', 'report.pdf']);
  });

  test('an e-mail that cannot be sent is not counted, and its message returns to the queue', async () => {
    const { link, token } = await invited(world);
    await finishedLink(world, token);
    const down = { error: new Unavailable('mailer', 'down'), lose: 'request' } as const;
    const deps = { mailer: faulty(mailer, 'send', down) };
    await expect(deliver(link.linkId, 'arrived', deps as never)).rejects.toBeInstanceOf(Unavailable);
    expect(world.quota.countOf('caller-mails/')).toBe(1);
    expect(await deliver(link.linkId, 'arrived')).toBe('mailed');
  });

  test('an e-mail that SES refuses permanently is not counted', async () => {
    const { link, token } = await invited(world);
    await finishedLink(world, token);
    mailer.refuse('ines@example.org', 'MessageRejected');
    expect(await deliver(link.linkId, 'arrived')).toBe('refused');
    expect(counted()).toBe(1);
  });

  test('an address that the operator no longer allows gets nothing', async () => {
    const { link } = await invited(world);
    expect(await deliver(link.linkId, 'invite', { isAllowedRecipient: () => false })).toBe('refused');
    expect(sent()).toEqual([]);
  });
});

describe('the bounce of an invitation', () => {
  const at = new Date('2031-05-17T10:30:00Z');

  test('a permanent bounce revokes the link, and reporting it again changes nothing', async () => {
    const { link } = await invited(world);
    const bounce = { tokenId: link.linkId, at, kind: 'bounced', bounce: 'permanent' } as const;
    expect(await handleLinkBounce(world, bounce)).toBe('bounced');
    expect(await handleLinkBounce(world, bounce)).toBe('bounced');
    expect(linkRow(world, link)).toMatchObject({ state: 'revoked', step: { by: 'hard-bounce' } });
    const events = await world.linkHistory.eventsOf(link.linkId);
    expect(events.filter((event) => event === 'bounced')).toHaveLength(1);
  });

  test('a transient bounce and a complaint are recorded, but not for an unknown link', async () => {
    const { link } = await invited(world);
    const about = { tokenId: link.linkId, at };
    expect(await handleLinkBounce(world, { ...about, kind: 'bounced', bounce: 'transient' })).toBe('bounced');
    expect(await handleLinkBounce(world, { ...about, kind: 'complained' })).toBe('complained');
    expect(linkRow(world, link).state).toBe('open');
    world.links.rows.clear();
    expect(await handleLinkBounce(world, { ...about, kind: 'complained' })).toBe('unknown');
  });
});
