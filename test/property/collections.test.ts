import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redeemToken } from '../../lambda/domain/deliveries.ts';
import { presentCollection } from '../../lambda/domain/present-collection.ts';
import { revokeToken } from '../../lambda/domain/revoke-token.ts';
import { issuedLink } from '../support/link-request.ts';
import { CALLER, createMemoryWorld } from '../support/memory-world.ts';
import { redeemRequest } from '../support/redeem-request.ts';
import { assetName } from '../support/values.ts';

const FILES = 4;
const file = fc.nat({ max: FILES - 1 });

/** An action on a collection by its holders or its issuer. */
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('press' as const), file }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('revoke file' as const), file }) },
  fc.record({ what: fc.constant('revoke' as const), file }),
);

test('a collection delivers each file at most once, and its page shows the state of each file', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 12 }), async (events) => {
      const world = createMemoryWorld();
      const [asset, ...more] = Array.from({ length: FILES }, (_, index) => assetName(`${index}.pdf`));
      if (asset === undefined) throw new Error('no file');
      for (const name of [asset, ...more]) world.files.offer(name);
      const { record, token } = await issuedLink(world, { asset, more });
      if (record.files === undefined) throw new Error('not a collection');
      // A page that was opened before any event still has all buttons.
      const opened = await presentCollection(world, token, '192.0.2.7');
      const standings = opened.ok ? opened.value.files.map(({ standing }) => standing) : [];
      const buttons = standings.map((each) => (each.state === 'live' ? each.token : ''));
      const expected = Array.from({ length: FILES }, () => 'live');
      let revoked = false;
      const revocation = { by: CALLER.arn, reach: { kind: 'all' } } as const;
      for (const { what, file: index } of events) {
        if (what === 'press') {
          const { ok } = await redeemToken(world, redeemRequest(buttons[index] ?? ''));
          expect(ok).toBe(expected[index] === 'live');
          if (ok) expected[index] = 'redeemed';
        } else if (what === 'revoke file') {
          await revokeToken(world, record.files[index]?.tokenId ?? record.tokenId, revocation);
          if (expected[index] === 'live') expected[index] = 'revoked';
        } else {
          await revokeToken(world, record.tokenId, revocation);
          revoked = true;
          for (const [at, state] of expected.entries()) if (state === 'live') expected[at] = 'revoked';
        }
        const page = await presentCollection(world, token, '192.0.2.7');
        if (revoked) expect(page).toMatchObject({ error: { code: 'token_revoked' } });
        else expect(page.ok && page.value.files.map(({ standing }) => standing.state)).toEqual(expected);
      }
    }),
  );
});
