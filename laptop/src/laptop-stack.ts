import type { Clients } from './clients.ts';
import type { Endpoints, ServiceUrls } from './endpoints.ts';

/** Describes the stack to run. Local mode reads everything else from the template. */
export interface LaptopStack<Output extends string = string> {
  /** Names the file that marks a data folder, so that no other stack uses the folder. */
  readonly name: string;
  /** Maps members of the endpoints file to the names of CloudFormation outputs. */
  readonly outputs: Readonly<Record<Output, string>>;
  /** Maps further members of the endpoints file to outputs that the template may lack. */
  readonly optionalOutputs?: Readonly<Record<string, string>>;
  /** Names the environment variable that holds a function's short name. @default - logical IDs are the short names */
  readonly functionNameVariable?: string;
  /** Lists resource types that have no meaning on one machine, also as targets of rules, each with the reason. */
  readonly ignoredTypes?: Readonly<Record<string, string>>;
  /**
   * Returns the folder of the cloud assembly, such as `cdk.out`. The assembly must have one stack.
   *
   * @param log shows a line to the user while this takes time
   * @throws LaptopError if the stack cannot be synthesized for a reason that the user can mend
   */
  assembly(log: (line: string) => void): string | Promise<string>;
  /**
   * Returns values that replace those of environment variables, such as the public URL of the API. A variable that a
   * function does not have in the template is not added.
   */
  environment?(urls: ServiceUrls): Readonly<Record<string, string>>;
  /** Puts first data into the services. Runs at each start, before the API answers, as the operator. */
  seed?(clients: Clients, endpoints: Endpoints<Output>): Promise<void>;
}
