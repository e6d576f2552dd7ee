/**
 * An error that the user can fix. Its message says how, and is shown without a stack trace. All other errors are bugs.
 */
export class LaptopError extends Error {
  override readonly name = 'LaptopError';
}
