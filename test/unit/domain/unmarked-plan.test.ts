import { beforeEach, describe, expect, test } from '@jest/globals';
import { deliverMail } from '../../../lambda/domain/deliver-mail.ts';
import { redeemToken } from '../../../lambda/domain/deliveries.ts';
import { describeLink } from '../../../lambda/domain/describe-link.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import type { IssuedLink } from '../../../lambda/domain/issue-links.ts';
import { revokeToken } from '../../../lambda/domain/revoke-token.ts';
import { faulty } from '../../support/intercept.ts';
import { issuedLink } from '../../support/link-request.ts';
import { CALLER, createMemoryWorld, type MemoryWorld } from '../../support/memory-world.ts';
import { redeemRequest } from '../../support/redeem-request.ts';
import { email } from '../../support/values.ts';

/*
 * If the write that marks a plan as carried out is lost, the next retry carries the plan out again. That puts back the
 * records of links that have ended in the meantime. The links must stay ended.
 */

let world: MemoryWorld;
let link: IssuedLink;

const issue = (plans: MemoryWorld['plans']) =>
  issuedLink(
    { ...world, plans },
    { recipient: email('ada@example.org') },
    { name: 'a-request', digest: 'a-digest' },
  );
const redeem = () => redeemToken(world, redeemRequest(link.token));
const revoke = () =>
  revokeToken(world, link.record.tokenId, { by: CALLER.arn, reach: { kind: 'own', callerId: CALLER.id } });

async function repeat(): Promise<void> {
  expect((await issue(world.plans)).token).toBe(link.token);
  // Otherwise the test would pass even if the retry put nothing back.
  expect(world.store.records.has(link.record.tokenId)).toBe(true);
}

beforeEach(async () => {
  world = createMemoryWorld();
  world.files.offer('report.pdf');
  const error = new Unavailable('issue plans', 'down');
  link = await issue(faulty(world.plans, 'markCarriedOut', { lose: 'request', error }));
});

describe('a plan that was never marked as carried out', () => {
  test.each([
    ['redeemed', redeem, 'token_redeemed'],
    ['revoked', revoke, 'token_revoked'],
  ] as const)(
    'repeating an unmarked plan neither reopens nor mails a link that has been %s',
    async (state, end, code) => {
      expect((await end()).ok).toBe(true);
      expect(world.store.records.has(link.record.tokenId)).toBe(false);
      await repeat();
      expect(await redeem()).toMatchObject({ ok: false, error: { code } });
      expect(await deliverMail(world, link.record.tokenId)).toBe('nothing-to-do');
      expect(world.mailer.sent).toEqual([]);
      const described = await describeLink(world, link.record.tokenId, { kind: 'all' });
      expect(described).toMatchObject({ ok: true, value: { state } });
    },
  );
});
