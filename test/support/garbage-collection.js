import { setFlagsFromString } from 'node:v8';

// More test processes than cores run at the same time, so garbage collection threads only slow down other processes.
setFlagsFromString('--single-threaded-gc');
// Megabytes that each local-mode function can fill before its first garbage collection. V8 starts with one.
setFlagsFromString('--min-semi-space-size=16');
