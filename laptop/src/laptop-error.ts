/**
 * What stops the laptop from starting, in one sentence that says what to do. It is shown as it is; any other
 * error is a defect and shown with its stack.
 */
export class LaptopError extends Error {
  override readonly name = 'LaptopError';
}
