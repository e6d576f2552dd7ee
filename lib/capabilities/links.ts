import { linksEnvironment } from '../../lambda/environment/links.ts';
import type { Capability, DeploymentOf, FunctionTable } from '../capability.ts';
import { fullest, NEAR_LIMIT } from '../constructs/metrics.ts';
import { LEDGER_INDEXES } from '../constructs/token-store.ts';
import { WAITED_FOR } from '../function-size.ts';
import {
  fileSuppressions,
  headFiles,
  ISSUED_PREFIXES,
  readPrivateTags,
  readVersions,
} from '../permissions/files.ts';
import { queueMail } from '../permissions/queues.ts';
import { allow, generateMac } from '../permissions/statements.ts';
import {
  codeTerms,
  count,
  endToken,
  ISSUED_ENTRY,
  LEDGER_ENTRY,
  PROGRAM_COUNTERS,
  put,
  RECORD,
  REVOKED_RECEIPT,
  readTokenAndReceipt,
  update,
  writeEncrypted,
} from '../permissions/tables.ts';
import { readUpload } from '../permissions/uploads.ts';
import { signed } from '../route.ts';
import {
  delivery,
  endings,
  lifetime,
  presenceCodes,
  programLimits,
  pseudonyms,
  recipients,
  signing,
  tables,
} from '../variables.ts';
import { STAMP_MEMORY_MB, STAMPER } from './watermark.ts';

const functions = {
  links: { ...WAITED_FOR, schema: linksEnvironment, milestones: { Links: ['LinkIssued', 'LinkRevoked'] } },
} satisfies FunctionTable;

/** Partition keys of API links (`CHANNEL_DIGITS` in lambda/domain/ids.ts). */
const API_LINKS = ['a*'];

/** Lets IAM callers issue, list, show, and revoke links. */
export const links: Capability<typeof functions> = {
  name: 'links',
  functions,
  routes: [
    signed('POST', '/links', 'links'),
    signed('GET', '/links', 'links'),
    signed('GET', '/links/{tokenId}', 'links'),
    signed('DELETE', '/links/{tokenId}', 'links'),
    // Operators reach everyone's links through these paths. No IAM pattern for `/links` matches them, so a caller's
    // policy cannot include them by accident.
    signed('GET', '/operator/tokens', 'links'),
    signed('GET', '/operator/tokens/{tokenId}', 'links'),
    signed('DELETE', '/operator/tokens/{tokenId}', 'links'),
  ],
  deploy: (parts): DeploymentOf<typeof functions> => {
    const { api, config, keys, store } = parts;
    const { tokens, ledger, plans } = store;
    const stamps = config.watermarks === 'on';
    const collects = config.collections === 'on';
    const terms = [
      ...(stamps ? ['watermarkName'] : []),
      ...(config.secondChance === 'on' ? ['secondChance'] : []),
      ...(collects ? ['files', 'contents', 'collection'] : []),
    ];
    return {
      functions: {
        links: {
          environment: {
            ...tables(parts),
            ...endings(parts),
            ...programLimits(parts),
            ...signing(parts),
            ...lifetime(parts),
            ...recipients(parts),
            PUBLIC_ORIGIN: api.origin,
            ...delivery(parts),
            ...pseudonyms(parts),
            ...presenceCodes(parts),
            FILE_BUCKET: parts.files.bucket.bucketName,
            MAIL_QUEUE_URL: parts.mail.queue.queueUrl,
            ISSUE_TABLE: plans.tableName,
            QUOTA_TABLE: store.quota.tableName,
            ...(parts.uploads && { UPLOAD_TABLE: parts.uploads.uploads.tableName }),
            ...(stamps && { WATERMARKS: 'on' }),
            ...(config.secondChance === 'on' && { SECOND_CHANCE: 'on' }),
            ...(collects && { COLLECTIONS: 'on' }),
          },
          permissions: [
            put(
              tokens,
              [
                ...RECORD,
                ...['callerId', 'allowedCidrs', 'wantsNotice', 'seal'],
                ...terms,
                ...codeTerms(parts),
              ],
              API_LINKS,
            ),
            put(ledger, [...ISSUED_ENTRY, 'callerId', 'allowedCidrs', 'note', 'notify', ...terms], API_LINKS),
            readTokenAndReceipt(store),
            ...endToken(store, REVOKED_RECEIPT, [...LEDGER_ENTRY, 'redemptionId']),
            allow(['dynamodb:GetItem'], [plans.tableArn]),
            put(plans, [
              ...['requestName', 'tokenIds', 'issuedAt', 'expiresAt', 'asset', 'digest', 'carriedOut'],
              'removeAt',
              ...(collects ? ['more'] : []),
            ]),
            update(plans, ['requestName', 'issuedAt', 'carriedOut']),
            allow(
              ['dynamodb:Query'],
              [ledger.tableArn, ...LEDGER_INDEXES.map((index) => `${ledger.tableArn}/index/${index.name}`)],
            ),
            ...count(store, PROGRAM_COUNTERS),
            writeEncrypted(keys),
            ...headFiles(parts, ISSUED_PREFIXES),
            // A trial stamp reads the whole file. If the read is interrupted, it must resume with the same version.
            ...(stamps ? [readVersions(parts, ISSUED_PREFIXES), readPrivateTags(parts)] : []),
            ...(parts.uploads ? [readUpload(parts.uploads)] : []),
            generateMac(keys.signing),
            generateMac(keys.pseudonym),
            ...queueMail(parts),
          ],
          suppressions: fileSuppressions(ISSUED_PREFIXES),
          // The trial stamp has as much memory as the function that makes the copy, so a file that passes can be stamped
          // later.
          ...(stamps && { beside: STAMPER, memoryMb: STAMP_MEMORY_MB }),
        },
      },
      alarms: [
        {
          id: 'ProgramMailLimitAlarm',
          metric: fullest(config, 'ProgramMails', ['links', 'mail', ...(parts.uploads ? ['invites'] : [])]),
          threshold: NEAR_LIMIT,
          meaning:
            'Together, IAM callers have used four fifths of their daily mail limit. At the limit, POST /links with a recipient returns 503, and notices are dropped.',
          first:
            'Find the caller with tvm list. Raise programMailLimitPerDay within the SES quota, or lower callerMailLimitPerDay.',
        },
      ],
      outputs: [
        {
          name: 'CloudShellIssue',
          value: api.testInvoke('/links', `'{"asset":"report.pdf"}'`),
          description:
            '2. Issues a link for it without sending an e-mail. Returns 201, with a token for token.json',
        },
      ],
    };
  },
};
