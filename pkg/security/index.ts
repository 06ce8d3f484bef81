export {
  everything,
  isAddressAllowed,
  isAllowed,
  isHostAllowed,
  type AccessPolicy,
  type AccessPurpose,
} from "./access-policy.ts";
