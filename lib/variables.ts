import { Aws } from 'aws-cdk-lib';
import type { Parts } from './capability.ts';
import { downloadHostOf } from './host-options.ts';

/* Environment variables that several functions share: the values for the groups in lambda/environment/groups.ts. */

export function tables({ store, config }: Parts) {
  return {
    TOKEN_TABLE: store.tokens.tableName,
    LEDGER_TABLE: store.ledger.tableName,
    LEDGER_RETENTION_DAYS: String(config.ledgerRetentionDays),
  };
}

export function receipts({ store }: Parts) {
  return { RECEIPT_TABLE: store.receipts.tableName };
}

export function endings(parts: Parts) {
  return { ...receipts(parts), RECEIPT_RETENTION_DAYS: String(parts.config.receiptRetentionDays) };
}

const kms = () => ({ KMS_URL: `https://kms.${Aws.REGION}.${Aws.URL_SUFFIX}` });

export function signing({ keys }: Parts) {
  return { ...kms(), SIGNING_KEY_ID: keys.signing.keyId };
}

export function pseudonyms({ keys }: Parts) {
  return { ...kms(), PSEUDONYM_KEY_ID: keys.pseudonym.keyId };
}

/** Returns the key for presence codes, or no variable if the options turn them off. */
export function presenceCodes({ config, keys }: Parts) {
  return { ...(config.presenceCode === 'on' && { PRESENCE_KEY_ID: keys.pseudonym.keyId }) };
}

/** Returns the pages' origin and the origin that bucket URLs are signed for. */
export function signedOrigins({ api, files }: Parts) {
  return { PUBLIC_ORIGIN: api.origin, FILES_ORIGIN: files.origin };
}

export function trustedProxy({ config }: Parts) {
  const { proxySecretSha256 } = config;
  return { ...(proxySecretSha256 !== undefined && { PROXY_SECRET_SHA256: proxySecretSha256 }) };
}

export function delivery({ config }: Parts) {
  return { ...(config.proxyOrigin !== undefined && { DELIVERY: config.delivery }) };
}

/** Returns the origin of downloads, or no variable if downloads use the bucket's origin. */
export function downloads({ config }: Parts) {
  const host = downloadHostOf(config);
  return { ...(host !== undefined && { DOWNLOAD_ORIGIN: `https://${host}` }) };
}

export function origins(parts: Parts) {
  return { ...signedOrigins(parts), ...downloads(parts) };
}

/** Returns the endpoint that URLs are signed for, or no variable if it is the regional one. */
export function presigning({ config: { s3Endpoint } }: Parts) {
  return { ...(s3Endpoint !== undefined && { S3_ENDPOINT: `https://${s3Endpoint}` }) };
}

export function lifetime({ config }: Parts) {
  return { LINK_LIFETIME_SECONDS: String(config.linkLifetimeMinutes * 60) };
}

export function recipients({ config }: Parts) {
  return { ALLOWED_RECIPIENTS: config.allowedRecipients.join(',') };
}

export function formLimits(parts: Parts) {
  const { config } = parts;
  return {
    ...lifetime(parts),
    SOURCE_LIMIT_PER_HOUR: String(config.sourceLimitPerHour),
    SOURCE_MAIL_LIMIT_PER_DAY: String(config.sourceMailLimitPerDay),
    ADDRESS_LIMIT_PER_HOUR: String(config.addressLimitPerHour),
    ADDRESS_LIMIT_PER_DAY: String(config.addressLimitPerDay),
    ADDRESS_COOLDOWN_SECONDS: String(config.addressCooldownSeconds),
    FORM_MAIL_LIMIT_PER_DAY: String(config.formMailLimitPerDay),
  };
}

/** Returns the proof-of-work setting of the form, or no variable if the form never requires a proof of work. */
export function proofPolicy({ config: { proofOfWork } }: Parts) {
  return { ...(proofOfWork !== 'off' && { PROOF_OF_WORK: proofOfWork }) };
}

/** Returns the table for second chances, or no variable if the options turn them off. */
export function secondChances({ config, store }: Parts) {
  return { ...(config.secondChance === 'on' && { SECOND_CHANCE_TABLE: store.quota.tableName }) };
}

/** Returns the settings of the identity provider. */
export function bearers({ config }: Parts) {
  return {
    OIDC_ISSUER: config.oidcIssuer ?? '',
    OIDC_AUDIENCE: config.oidcAudience ?? '',
    OIDC_TENANT_CLAIM: config.oidcTenantClaim ?? '',
  };
}

export function uploadLimits({ config }: Parts) {
  return {
    UPLOAD_MAX_BYTES: String(config.uploadMaxBytes),
    UPLOAD_TYPES: config.uploadTypes.join(','),
    UPLOAD_OPEN_LIMIT: String(config.openUploadLimit),
    UPLOAD_BYTES_PER_DAY: String(config.uploadBytesPerDay),
    UPLOAD_SESSION_SECONDS: String(config.uploadSessionHours * 3_600),
  };
}

/** Returns the tables of upload links, or no variables if the options turn uploads off. */
export function optionalUploadLinkTables({ uploads }: Pick<Parts, 'uploads'>) {
  return {
    ...(uploads && {
      UPLOAD_LINK_TABLE: uploads.links.tableName,
      UPLOAD_TABLE: uploads.uploads.tableName,
      UPLOAD_HISTORY_TABLE: uploads.history.tableName,
    }),
  };
}

export function programLimits({ config }: Parts) {
  return {
    CALLER_MAIL_LIMIT_PER_DAY: String(config.callerMailLimitPerDay),
    PROGRAM_MAIL_LIMIT_PER_DAY: String(config.programMailLimitPerDay),
  };
}

export function requesting(parts: Parts) {
  const { store, files, mail } = parts;
  return {
    ...tables(parts),
    ...receipts(parts),
    ...origins(parts),
    ...trustedProxy(parts),
    ...delivery(parts),
    ...formLimits(parts),
    ...recipients(parts),
    FILE_BUCKET: files.bucket.bucketName,
    QUOTA_TABLE: store.quota.tableName,
    ...pseudonyms(parts),
    ...presenceCodes(parts),
    MAIL_QUEUE_URL: mail.queue.queueUrl,
  };
}
