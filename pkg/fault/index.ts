export { FAULT_HINTS, hintOf, type FaultCode } from "./codes.ts";
export {
  asFault,
  Fault,
  fromRecord,
  isFault,
  toRecord,
  type FaultOptions,
  type FaultRecord,
} from "./fault.ts";
