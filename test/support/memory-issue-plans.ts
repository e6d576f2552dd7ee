import type { IssuePlan, IssuePlans, StandingPlan } from '../../lambda/domain/ports.ts';

/** In-memory plans for requests with an idempotency key. Writes have the same conditions as in DynamoDB. */
export class MemoryIssuePlans implements IssuePlans {
  /** The raw rows, for tests that bypass the port. */
  readonly plans = new Map<string, StandingPlan>();

  async find(name: string): Promise<StandingPlan | undefined> {
    return structuredClone(this.plans.get(name));
  }

  async settle(name: string, plan: StandingPlan): Promise<StandingPlan> {
    const standing = this.plans.get(name);
    if (standing === undefined) this.plans.set(name, structuredClone(plan));
    return structuredClone(standing ?? plan);
  }

  async markCarriedOut(name: string, { issuedAt }: IssuePlan): Promise<void> {
    const plan = this.plans.get(name);
    if (plan?.issuedAt.getTime() === issuedAt.getTime()) this.plans.set(name, { ...plan, carriedOut: true });
  }
}
