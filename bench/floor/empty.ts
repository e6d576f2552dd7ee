/* A yardstick: a function that does nothing, for the start-up time of Node alone. */
export const handler = async () => undefined;
