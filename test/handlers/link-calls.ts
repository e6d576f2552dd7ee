import { beforeEach } from '@jest/globals';
import { createLinksHandler } from '../../lambda/handlers/links.ts';
import { createRedeemHandler } from '../../lambda/handlers/redeem.ts';
import { apiEvent } from '../../laptop/test/support/api-event.ts';
import { call, createHandlerWorld, type HandlerWorld } from '../support/handler-world.ts';

/** The caller in the golden events in laptop/test/golden. */
export const CALLER = 'arn:aws:iam::111122223333:user/operator';

/** Replaces the caller of an event. The unique ID of the new caller depends on its role or user, not on its session. */
export function signAs({ requestContext: { identity } }: ReturnType<typeof apiEvent>, arn: string): void {
  const [, principal = '', session] = /^arn:[^:]+:[^:]+::\d+:([^/]+\/[^/]+)(?:\/(.*))?$/.exec(arn) ?? [];
  Object.assign(identity, { userArn: arn, caller: [`AID-${principal}`, session].filter(Boolean).join(':') });
}

type Request = Parameters<typeof apiEvent>[1] & { readonly as?: string };
type Headers = Readonly<Record<string, string>>;
type Changed = Partial<Parameters<typeof createLinksHandler>[0]>;

/** Returns functions that issue, show, and redeem links. Each test has its own world, in which `report.pdf` is offered. */
export function linkCalls() {
  let world: HandlerWorld;
  beforeEach(() => {
    world = createHandlerWorld();
    world.files.offer('report.pdf');
  });

  const issue = (body: object, headers: Headers = {}, changed: Changed = {}) =>
    call(createLinksHandler({ ...world, ...changed }), apiEvent('post-links-iam', { body, headers }));
  function send({ as, ...details }: Request) {
    const event = apiEvent('delete-link-iam', details);
    if (as !== undefined) signAs(event, as);
    return call(createLinksHandler(world), event);
  }

  return {
    world: () => world,
    issue,
    issueOne: async (body: object, changed: Changed = {}): Promise<Record<string, string>> => {
      const { status, json } = await issue(body, {}, changed);
      if (status !== 201) throw new Error(`not issued: ${JSON.stringify(json)}`);
      return (json.links as Record<string, string>[])[0] ?? {};
    },
    send,
    show: (tokenId: string, as?: string) =>
      send({ route: 'GET /links/{tokenId}', path: { tokenId }, ...(as !== undefined && { as }) }),
    redeem: (token: unknown) => {
      const event = apiEvent('post-redeem-form', {
        body: new URLSearchParams({ token: String(token) }).toString(),
        headers: { Accept: '*/*' },
      });
      return call(createRedeemHandler(world), event);
    },
  };
}
