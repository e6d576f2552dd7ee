import { type Laptop, type LaptopOptions, startLaptop } from '../../laptop/src/start.ts';
import { type DeployOptions, type Endpoints, vendingStack } from './stack.ts';

export interface LocalOptions extends LaptopOptions {
  /** Deploy options, as passed to the CDK with `-c name=value`. */
  readonly options?: DeployOptions;
}

/** The machine, running in local mode. */
export type Local = Laptop<Endpoints>;

/**
 * Starts the machine on 127.0.0.1.
 *
 * @throws LaptopError if the machine cannot start. Its message says what to do.
 */
export const startLocal = ({ options = {}, ...more }: LocalOptions): Promise<Local> =>
  startLaptop(vendingStack(options), more);
