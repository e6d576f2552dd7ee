import { z } from 'zod';
import { LaptopError } from '../laptop-error.ts';
import { busNamed, DEFAULT_BUS } from '../template/physical.ts';
import type { StackModel, StackResource } from '../template/stack-model.ts';
import { compilePattern, type Matcher } from './pattern.ts';

export interface EventRule {
  readonly logicalId: string;
  readonly arn: string;
  /** The name of the rule's bus. */
  readonly bus: string;
  readonly trigger: Trigger;
  readonly targets: readonly RuleTarget[];
}

/** The pattern or schedule that makes a rule send an event to its targets. */
type Trigger =
  | { readonly kind: 'pattern'; readonly matches: Matcher }
  | { readonly kind: 'schedule'; readonly everyMs: number };

/** A queue or a function of the stack. */
export interface RuleTarget {
  readonly kind: 'queue' | 'function';
  readonly arn: string;
  /** The `Ref` of the resource, such as the URL of a queue. */
  readonly ref: string;
  /** Constant JSON that is sent instead of the event. */
  readonly input: string | undefined;
}

const RULE = 'AWS::Events::Rule';
export const EVENT_BUS = 'AWS::Events::EventBus';

const Target = z.object({
  Arn: z.string(),
  Input: z.string().optional(),
  InputPath: z.undefined({ error: 'local mode does not support it' }).optional(),
  InputTransformer: z.undefined({ error: 'local mode does not support it' }).optional(),
});

const Properties = z.object({
  EventBusName: z.string().default(DEFAULT_BUS).transform(busNamed),
  EventPattern: z.unknown().optional(),
  ScheduleExpression: z.string().optional(),
  State: z.string().default('ENABLED'),
  Targets: z.array(z.looseObject({ Arn: z.string() })).default([]),
});

/** The kinds of targets that local mode supports, by resource type. */
const TARGET_KINDS: Readonly<Record<string, RuleTarget['kind']>> = {
  'AWS::SQS::Queue': 'queue',
  'AWS::Lambda::Function': 'function',
};

/**
 * Reads the enabled rules in the template that have at least one target in local mode.
 *
 * @param ignoredTypes resource types that local mode ignores, including as targets
 * @throws LaptopError if a rule uses a feature that local mode does not support
 */
export function readRules(
  model: StackModel,
  ignoredTypes: Readonly<Record<string, string>>,
): readonly EventRule[] {
  if (RULE in ignoredTypes) return [];
  return model.ofType(RULE).flatMap((resource) => {
    const { State, Targets, EventBusName: bus, ...properties } = model.read(resource, Properties);
    const targets = Targets.flatMap((target) => readTarget(model, resource, target, ignoredTypes));
    if (State === 'DISABLED' || targets.length === 0) return [];
    const { logicalId, physical } = resource;
    if (bus !== DEFAULT_BUS && !model.ofType(EVENT_BUS).some((each) => each.physical?.ref === bus))
      throw new LaptopError(
        `The rule ${logicalId} is on the event bus ${bus}, which is not part of this stack.`,
      );
    return [
      {
        logicalId,
        arn: physical?.attributes.Arn ?? '',
        bus,
        trigger: readTrigger(logicalId, bus, properties),
        targets,
      },
    ];
  });
}

function readTarget(
  { resources }: StackModel,
  { logicalId }: StackResource,
  given: { readonly Arn: string },
  ignoredTypes: Readonly<Record<string, string>>,
): readonly RuleTarget[] {
  const resource = resources.find(({ physical }) =>
    Object.values(physical?.attributes ?? {}).includes(given.Arn),
  );
  if (resource !== undefined && resource.type in ignoredTypes) return [];
  const kind = TARGET_KINDS[resource?.type ?? ''];
  const target = Target.safeParse(given);
  if (kind === undefined)
    throw new LaptopError(
      `The rule ${logicalId} has the target ${given.Arn}, which is neither a queue nor a function of this stack. To ignore it, add its type to ignoredTypes.`,
    );
  if (!target.success)
    throw new LaptopError(
      `The rule ${logicalId} has a target with ${target.error.issues[0]?.path.join('.')}, which local mode does not support.`,
    );
  return [{ kind, arn: given.Arn, ref: resource?.physical?.ref ?? '', input: target.data.Input }];
}

function readTrigger(
  logicalId: string,
  bus: string,
  {
    EventPattern,
    ScheduleExpression,
  }: Pick<z.output<typeof Properties>, 'EventPattern' | 'ScheduleExpression'>,
): Trigger {
  if (ScheduleExpression === undefined)
    return { kind: 'pattern', matches: compilePattern(EventPattern, `rule ${logicalId}`) };
  if (bus !== DEFAULT_BUS)
    throw new LaptopError(
      `The rule ${logicalId} has a schedule on the event bus ${bus}. Schedules run on the default bus.`,
    );
  if (EventPattern !== undefined)
    throw new LaptopError(
      `The rule ${logicalId} has both a pattern and a schedule. Local mode supports only one of them per rule.`,
    );
  return { kind: 'schedule', everyMs: periodOf(ScheduleExpression, logicalId) };
}

const UNITS_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html */
function periodOf(expression: string, logicalId: string): number {
  const [, count = '', unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const period = Number(count) * (UNITS_MS[unit] ?? 0);
  if (period > 0) return period;
  throw new LaptopError(
    `The rule ${logicalId} has the schedule ${expression}. Local mode supports only rates in minutes, hours, or days, such as rate(5 minutes).`,
  );
}
