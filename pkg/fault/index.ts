export { counted } from "./counted.ts";
export { FAULT_HINTS, type FaultCode } from "./codes.ts";
export {
  asFault,
  Fault,
  fromRecord,
  isFault,
  onlyFault,
  toRecord,
  type FaultOptions,
  type FaultRecord,
} from "./fault.ts";
export { withoutTraces } from "./without-traces.ts";
export { schemeOf, shownUrl } from "./shown-url.ts";
