import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Parts } from '../capability.ts';
import { PUBLIC_PREFIX } from '../constructs/file-store.ts';
import { headFiles } from './files.ts';
import { queueMail } from './queues.ts';
import { generateMac } from './statements.ts';
import { codeTerms, count, ISSUED_ENTRY, put, RECORD, writeEncrypted } from './tables.ts';

/** Partition keys of form links (`CHANNEL_DIGITS` in lambda/domain/ids.ts). */
const FORM_LINKS = ['f*'];

/** Counters of the form, by name prefix (lambda/domain/quota-rules.ts). */
const FORM_COUNTERS = ['source*', 'cooldown/*', 'address*', 'form-*'];

/** Allows issuing and mailing a form link. */
export function requestLink(parts: Parts): readonly PolicyStatement[] {
  const { store, keys } = parts;
  return [
    ...count(store, FORM_COUNTERS),
    put(store.tokens, [...RECORD, ...codeTerms(parts)], FORM_LINKS),
    put(store.ledger, [...ISSUED_ENTRY, 'reason'], FORM_LINKS),
    writeEncrypted(keys),
    ...headFiles(parts, [PUBLIC_PREFIX]),
    generateMac(keys.pseudonym),
    ...queueMail(parts),
  ];
}
