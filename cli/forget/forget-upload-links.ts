import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type EmailAddress, epochSeconds, type LinkStep } from '../../lambda/operator.ts';
import { scanned } from '../tables/rows.ts';
import type { Tables } from '../tables/tables.ts';
import type { Counts } from './counts.ts';
import { isOf, type Person } from './person.ts';
import { updateIf } from './redact.ts';

type LinkTable = Pick<Tables, 'client' | 'uploadLinkTable' | 'signal'>;

/** The upload links that name a person. A link may be in both sets. */
export interface UploadLinkTraces {
  /** IDs of links that were mailed to the person. */
  readonly invited: ReadonlySet<string>;
  /** IDs of links that notify the person about files. */
  readonly notified: ReadonlySet<string>;
}

/** Finds the upload links that name a person. There are none if the deployment does not accept uploads. */
export async function findUploadLinks(tables: LinkTable, person: Person): Promise<UploadLinkTraces> {
  const [invited, notified] = [new Set<string>(), new Set<string>()];
  const { uploadLinkTable: TableName } = tables;
  if (TableName === undefined) return { invited, notified };
  const links = scanned<Readonly<{ linkId: string; to?: EmailAddress; notify?: EmailAddress }>>(tables, {
    TableName,
    FilterExpression: 'attribute_exists(#to) OR attribute_exists(notify)',
    ProjectionExpression: 'linkId, #to, notify',
    ExpressionAttributeNames: { '#to': 'to' },
  });
  for await (const { linkId, to, notify } of links) {
    if (isOf(person, to)) invited.add(linkId);
    if (isOf(person, notify)) notified.add(linkId);
  }
  return { invited, notified };
}

interface ForgetUploadLinkDependencies {
  readonly tables: LinkTable;
  readonly counts: Counts;
  readonly clock: () => Date;
}

/**
 * Erases an upload link's addressee and purpose. Revokes the link if it is open, or if it has expired but could still be
 * extended. The inviter keeps the link and its files. The session of an unfinished upload times out by itself.
 */
export async function forgetInvited(deps: ForgetUploadLinkDependencies, linkId: string): Promise<void> {
  const { counts, clock } = deps;
  const purpose = { ':purpose': '–' };
  const isRevoked = await rewrite(deps, linkId, {
    condition: '#state = :open',
    set: 'purpose = :purpose, #state = :revoked, endedAt = :now, endsAt = :now',
    remove: '#to, outcome',
    step: { event: 'revoked', by: 'forget' },
    names: { '#to': 'to', '#state': 'state' },
    values: {
      ...purpose,
      ':open': 'open',
      ':revoked': 'revoked',
      ':now': epochSeconds(clock()),
    },
  });
  const isErased =
    isRevoked ||
    (await rewrite(deps, linkId, {
      condition: 'attribute_exists(#to)',
      set: 'purpose = :purpose',
      remove: '#to',
      step: FORGOTTEN,
      names: { '#to': 'to' },
      values: purpose,
    }));
  if (isRevoked) counts.revoked += 1;
  if (isErased) counts.uploadLinks += 1;
}

/** Stops an upload link from notifying the person. The link itself stays. */
export async function forgetNotified(deps: ForgetUploadLinkDependencies, linkId: string): Promise<void> {
  const isErased = await rewrite(deps, linkId, {
    condition: 'attribute_exists(notify)',
    remove: 'notify',
    step: FORGOTTEN,
  });
  if (isErased) deps.counts.notices += 1;
}

/** The step that records in an upload link's history that a person's data was erased. */
const FORGOTTEN: LinkStep = { event: 'forgotten' };

interface Rewrite {
  readonly condition: string;
  readonly set?: string;
  readonly remove: string;
  readonly step: LinkStep;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, unknown>>;
}

/**
 * Changes a link if a condition holds. Increments its revision, so that functions that have read the old link cannot
 * write it back.
 */
async function rewrite(
  { tables, clock }: ForgetUploadLinkDependencies,
  linkId: string,
  { condition, set, remove, step, names, values }: Rewrite,
): Promise<boolean> {
  const update = new UpdateCommand({
    TableName: tables.uploadLinkTable,
    Key: { linkId },
    ConditionExpression: condition,
    UpdateExpression: `SET ${set === undefined ? '' : `${set}, `}step = :step, changedAt = :at, revision = revision + :one REMOVE ${remove}`,
    ...(names && { ExpressionAttributeNames: names }),
    ExpressionAttributeValues: { ...values, ':step': step, ':at': clock().toISOString(), ':one': 1 },
  });
  return await updateIf(tables, update);
}
