import type { Repetition } from '../../lambda/domain/idempotency.ts';
import { type IssuedLink, issueLinks } from '../../lambda/domain/issue-links.ts';
import type { IssueLinksRequest } from '../../lambda/domain/plan-links.ts';
import type { Opening } from '../../lambda/domain/records.ts';
import { CALLER } from '../support/memory-world.ts';
import { assetName, email } from '../support/values.ts';
import type { Actor } from './actor.ts';
import { LIFETIMES, start } from './invocation.ts';
import { ISSUER } from './rules-of-notices.ts';
import { judgeIssued, judgeReused } from './rules-of-plans.ts';
import { NETWORK } from './sources.ts';
import { FILE, type World } from './world.ts';

/** A request with an idempotency key. Its caller can send it again at any time. */
export interface NamedRequest {
  readonly repetition: Repetition;
  readonly request: IssueLinksRequest;
}

/** Issues links without an idempotency key. */
export function issue(world: World): void {
  const request = someRequest(world);
  start(world, {
    operation: 'issue',
    act: async (ports, actor) => {
      const issued = await issueLinks(ports, request);
      if (issued.ok) handOut(world, actor, request, issued.value);
    },
  });
}

/** Gives a request an idempotency key. */
export function nameRequest(world: World, request: IssueLinksRequest = someRequest(world)): NamedRequest {
  const named = { repetition: { name: `request-${world.named.length + 1}`, digest: 'original' }, request };
  world.named.push(named);
  return named;
}

/** Sends a named request, for the first time or again. */
export function repeat(world: World, { repetition, request }: NamedRequest): Actor {
  return start(world, {
    operation: 'issue',
    requestName: repetition.name,
    act: async (ports, actor) => {
      const issued = await issueLinks(ports, request, repetition);
      actor.told = issued.ok ? 'issued' : issued.error.code;
      if (issued.ok) {
        handOut(world, actor, request, issued.value);
        judgeIssued(world.referee, actor, repetition, issued.value);
      } else if (issued.error.code === 'idempotency_key_reused') {
        judgeReused(world.referee, actor, repetition);
      }
      world.count(issued.ok ? 'issued by name' : issued.error.code);
    },
  });
}

/** Sends a different request with the same idempotency key. */
export function reuseName(world: World, { repetition, request }: NamedRequest): Actor {
  return repeat(world, {
    repetition: { ...repetition, digest: 'different' },
    request: { ...request, lifetimeSeconds: request.lifetimeSeconds + 1 },
  });
}

function someRequest({ choices }: World): IssueLinksRequest {
  const mailed = choices.chance(0.3);
  const open: Opening = mailed ? 'confirm' : choices.pick(['confirm', 'direct']);
  return {
    asset: assetName(FILE),
    caller: CALLER,
    lifetimeSeconds: choices.pick(LIFETIMES),
    open,
    delivery: choices.pick(['redirect', 'stream', 'proxy']),
    count: mailed ? 1 : choices.pick([1, 1, 2]),
    language: 'en',
    ...(choices.chance(0.3) && { allowedCidrs: [NETWORK] }),
    ...(open === 'confirm' && choices.chance(0.4) && { presenceCode: true }),
    ...(mailed && { recipient: email(`person-${choices.below(3)}@example.org`) }),
    ...(choices.chance(0.4) && { notify: ISSUER }),
  };
}

function handOut(
  { referee, handedOut }: World,
  actor: Actor,
  { count }: IssueLinksRequest,
  links: readonly IssuedLink[],
): void {
  const tokens = new Set(links.map(({ token }) => token));
  if (tokens.size !== count) {
    referee.violate(
      'every response is correct',
      `links requested by ${actor.name}: ${count}, returned: ${tokens.size}`,
    );
  }
  for (const { record, token } of links) {
    const entry = referee.find(record.tokenId);
    if (entry === undefined) {
      referee.violate('every response is correct', `${actor.name} was given a link that never existed`);
    } else if (entry.token !== token) {
      referee.violate('a record has one token', `${actor.name} was given a different token`);
    }
    handedOut.add(token);
  }
}
