import { z } from 'zod';
import { parseJson } from '../../parse-json.ts';
import { failure, type S3Failure } from '../failures.ts';

/** The conditions that a form's signer has set for its sender. */
export interface PostPolicy {
  readonly kind: 'policy';
  readonly expiresAt: Date;
  readonly conditions: readonly Condition[];
  /** Minimum and maximum size of the file in bytes, both inclusive. */
  readonly size: { readonly min: number; readonly max: number };
}

interface Condition {
  readonly operator: 'eq' | 'starts-with';
  /** The field's name, spelled as in the policy, but without the leading `$`. */
  readonly field: string;
  readonly value: string;
}

/** Maximum size of an object that is not uploaded in parts: 5 GiB. */
const MAX_BYTES = 5 * 1024 ** 3;

const bytes = z.coerce.number().int().nonnegative();
const field = z
  .string()
  .startsWith('$')
  .transform((text) => text.slice(1));

const Range = z
  .tuple([z.literal('content-length-range'), bytes, bytes])
  .transform(([, min, max]) => ({ kind: 'range' as const, min, max }));
const Match = z
  .tuple([z.enum(['eq', 'starts-with']), field, z.string()])
  .transform(([operator, name, value]) => ({ kind: 'match' as const, operator, field: name, value }));
const Exact = z
  .record(z.string(), z.string())
  .refine((condition) => Object.keys(condition).length === 1)
  .transform((condition) => {
    const [[name, value] = ['', '']] = Object.entries(condition);
    return { kind: 'match' as const, operator: 'eq' as const, field: name, value };
  });

const Document = z.object({
  expiration: z.iso.datetime().transform((text) => new Date(text)),
  conditions: z.array(z.union([Range, Match, Exact])),
});

/**
 * Parses a policy.
 *
 * @param text the policy in base64, which is the text that the signature covers
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export function readPostPolicy(text: string): PostPolicy | S3Failure {
  const { data } = Document.safeParse(parseJson(Buffer.from(text, 'base64').toString('utf8')));
  if (data === undefined) return failure('InvalidPolicyDocument');
  const ranges = data.conditions.filter((one) => one.kind === 'range');
  return {
    kind: 'policy',
    expiresAt: data.expiration,
    conditions: data.conditions.filter((one) => one.kind === 'match'),
    size: {
      min: Math.max(0, ...ranges.map(({ min }) => min)),
      max: Math.min(MAX_BYTES, ...ranges.map(({ max }) => max)),
    },
  };
}

/** Fields that do not need a condition. */
const UNCONDITIONED = /^(policy|x-amz-signature|x-ignore-.*)$/;

/**
 * Checks the fields of a form against its policy. Each field needs a condition, so that the sender cannot add fields.
 *
 * @param fields values by lowercase name, including the final key and the bucket
 */
export function policyFailure(
  { expiresAt, conditions }: PostPolicy,
  fields: ReadonlyMap<string, string>,
  now: Date,
): S3Failure | undefined {
  if (now >= expiresAt) return refused('Policy expired.');
  const failed = conditions.find((condition) => !holds(condition, fields.get(condition.field.toLowerCase())));
  if (failed !== undefined) {
    const { operator, field: name, value } = failed;
    return refused(`Policy Condition failed: ["${operator}", "$${name}", "${value}"]`);
  }
  const named = new Set(['bucket', ...conditions.map((condition) => condition.field.toLowerCase())]);
  const extra = [...fields.keys()].filter((one) => !named.has(one) && !UNCONDITIONED.test(one));
  return extra.length === 0 ? undefined : refused(`Extra input fields: ${extra.join(', ')}`);
}

const holds = ({ operator, value }: Condition, sent: string | undefined): boolean =>
  sent !== undefined && (operator === 'eq' ? sent === value : sent.startsWith(value));

const refused = (reason: string): S3Failure =>
  failure('AccessDenied', { message: `Invalid according to Policy: ${reason}` });
