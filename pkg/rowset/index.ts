export type {
  BoolColumn,
  Column,
  DatetimeColumn,
  DecimalColumn,
  FloatColumn,
  IntColumn,
  Integers,
  Rowset,
  StringColumn,
} from "./column.ts";
export type { ExactDatetimes, ExactDecimals, Vector } from "./vector.ts";
