import { describe, expect, test } from '@jest/globals';
import { readRules } from '../../src/events/rule.ts';
import { arnOf, modelOf, PATTERN, rule } from '../support/small-event-bus.ts';

describe('the rules in the template', () => {
  const read = (properties: object, ignored: Record<string, string> = {}) =>
    readRules(
      modelOf({
        Rule: rule(properties),
        Queue: { Type: 'AWS::SQS::Queue' },
        Topic: { Type: 'AWS::SNS::Topic' },
        Own: { Type: 'AWS::Events::EventBus', Properties: { Name: 'own' } },
      }),
      ignored,
    );
  const toTopic = { EventPattern: PATTERN, Targets: [{ Arn: { Ref: 'Topic' }, Id: 'Target0' }] };

  test.each<[string, object, string]>([
    ['a cron schedule', { ScheduleExpression: 'cron(0 12 * * ? *)' }, 'has the schedule cron(0 12 * * ? *)'],
    ['a rate of zero', { ScheduleExpression: 'rate(0 minutes)' }, 'has the schedule rate(0 minutes)'],
    ['an unknown operator', { EventPattern: { source: [{ cidr: 'a' }] } }, '{"cidr":"a"}'],
    [
      'a pattern and a schedule',
      { EventPattern: PATTERN, ScheduleExpression: 'rate(1 hour)' },
      'has both a pattern and a schedule',
    ],
    ['neither a pattern nor a schedule', {}, 'A pattern is an object with at least one field'],
    [
      'a field without a list',
      { EventPattern: { source: 'aws.s3' } },
      'The rule Rule (source) has an invalid event pattern',
    ],
    ['a bus of another stack', { EventPattern: PATTERN, EventBusName: 'mine' }, 'is on the event bus mine'],
    [
      'a schedule on a custom event bus',
      { ScheduleExpression: 'rate(1 hour)', EventBusName: 'own' },
      'Schedules run on the default bus',
    ],
    ['a target that is a topic', toTopic, 'which is neither a queue nor a function of this stack'],
    [
      'an input transformer',
      { EventPattern: PATTERN, Targets: [{ Arn: arnOf('Queue'), Id: 'a', InputTransformer: {} }] },
      'InputTransformer',
    ],
  ])('a rule with %s is rejected', (_, properties, message) => {
    expect(() => read(properties)).toThrow(message);
  });

  test('targets of an ignored type are omitted, and so are rules that have no other targets', () => {
    expect(read(toTopic, { 'AWS::SNS::Topic': 'nobody subscribes' })).toEqual([]);
  });

  test('disabled rules are omitted, and so are all rules if their type is ignored', () => {
    expect(read({ EventPattern: PATTERN, State: 'DISABLED' })).toEqual([]);
    expect(read({ ScheduleExpression: 'cron(x)' }, { 'AWS::Events::Rule': 'no events here' })).toEqual([]);
  });
});
