import { afterEach, describe, expect, test } from '@jest/globals';
import { type Clock, install } from '@sinonjs/fake-timers';
import { scheduleNamed, startSchedules } from '../../src/events/schedule.ts';
import { arnOf, rule, smallEventBus, TO_QUEUE } from '../support/small-event-bus.ts';

const small = smallEventBus();

/** A scheduled rule that targets a function, and the permission that the rule needs to invoke the function. */
const TO_FUNCTION = {
  SweepRule1234: rule({ ScheduleExpression: 'rate(5 minutes)' }, 'Sweep'),
  Sweep: { Type: 'AWS::Lambda::Function' },
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: arnOf('Sweep'),
      Principal: 'events.amazonaws.com',
      SourceArn: arnOf('SweepRule1234'),
    },
  },
};

describe('a rule with a schedule', () => {
  let clock: Clock | undefined;
  const holdIntervals = () => {
    clock = install({ now: Date.now(), toFake: ['setInterval', 'clearInterval', 'Date'] });
    return clock;
  };
  afterEach(() => clock?.uninstall());

  const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:Small-Sweep';
  const EVENT = {
    source: 'aws.events',
    'detail-type': 'Scheduled Event',
    time: '2026-03-01T12:00:00Z',
    resources: ['arn:aws:events:us-east-1:000000000000:rule/Small-SweepRule1234'],
    detail: {},
  };

  test('can be found by a prefix of its logical ID, and invokes its function when it runs', async () => {
    await small().open(TO_FUNCTION);
    await small().bus.runSchedule(scheduleNamed(small().rules, 'SweepRule'));
    expect(small().invoked).toEqual([[ARN, expect.objectContaining(EVENT)]]);
  });

  test('invokes its function if the permission refers to the function by name', async () => {
    const Permission = {
      ...TO_FUNCTION.Permission,
      Properties: { ...TO_FUNCTION.Permission.Properties, FunctionName: { Ref: 'Sweep' } },
    };
    await small().open({ ...TO_FUNCTION, Permission });
    await small().bus.runSchedule(scheduleNamed(small().rules, 'SweepRule'));
    expect(small().invoked).toHaveLength(1);
  });

  test('does not invoke its function without the permission', async () => {
    const { Permission: _, ...without } = TO_FUNCTION;
    await small().open(without);
    await small().bus.runSchedule(scheduleNamed(small().rules, 'SweepRule'));
    expect(small().invoked).toEqual([]);
  });

  test('invokes its function at the scheduled rate until schedules are stopped', async () => {
    await small().open(TO_FUNCTION);
    const held = holdIntervals();
    const stop = startSchedules(small().rules, small().bus);
    held.tick(4 * 60_000);
    await small().bus.idle();
    expect(small().invoked).toHaveLength(0);
    held.tick(6 * 60_000);
    await small().bus.idle();
    expect(small().invoked).toHaveLength(2);
    stop();
    held.tick(60 * 60_000);
    await small().bus.idle();
    expect(small().invoked).toHaveLength(2);
  });

  test("can have a period longer than Node's maximum timer delay", async () => {
    await small().open({
      ...TO_FUNCTION,
      SweepRule1234: rule({ ScheduleExpression: 'rate(30 days)' }, 'Sweep'),
    });
    const held = holdIntervals();
    const stop = startSchedules(small().rules, small().bus);
    held.tick(20 * 86_400_000);
    stop();
    await small().bus.idle();
    expect(small().invoked).toEqual([]);
  });

  test('is the only kind of rule that can be run by name', async () => {
    await small().open({ ...TO_FUNCTION, ...TO_QUEUE });
    expect(() => scheduleNamed(small().rules, 'Rule')).toThrow('0 scheduled rules');
  });
});
