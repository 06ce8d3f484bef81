export { FIELD_TYPES, isFieldType, type FieldType } from "./field-type.ts";
export {
  DEFAULT_DATETIME_MS,
  defaultValue,
  type DateTime,
  type Decimal,
  type Value,
  type ValueOf,
} from "./value.ts";
