export { everything, isAllowed, type AccessPolicy, type AccessPurpose } from "./access-policy.ts";
