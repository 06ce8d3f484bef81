import { civilFromDayOfYear, daysFromCivil, daysInMonth } from "./calendar.ts";
import { dateTimeFromClock, SECONDS_PER_DAY, UTC, type Zone } from "./date-time.ts";
import { offsetOfZoneName } from "./layout-text.ts";
import type { DateTime } from "./value.ts";

/** What has been read of one text so far; a later field of the same sort replaces an earlier one. */
export class LayoutReading {
  readonly text: string;
  /** Position of the next character. */
  at = 0;
  year = 0;
  month: number | undefined;
  day: number | undefined;
  yearDay: number | undefined;
  hour = 0;
  minute = 0;
  second = 0;
  nanosecond = 0;
  half: "morning" | "afternoon" | undefined;
  utc = false;
  offset: number | undefined;
  zoneName = "";

  constructor(text: string) {
    this.text = text;
  }

  /** The instant; undefined when there is no such day. */
  dateTime(): DateTime | undefined {
    const days = this.#days();
    if (days === undefined) return undefined;
    const seconds = days * SECONDS_PER_DAY + (this.#hour24() * 60 + this.minute) * 60 + this.second;
    const zone = this.#zone();
    const isNameOnly = !this.utc && this.offset === undefined;
    const clock = isNameOnly ? seconds + zone.offset : seconds;
    return dateTimeFromClock(clock, this.nanosecond, zone);
  }

  #days(): number | undefined {
    let { month, day } = this;
    const { year } = this;
    if (this.yearDay !== undefined) {
      const date = civilFromDayOfYear(year, this.yearDay);
      if (date === undefined) return undefined;
      if (date.month !== (month ?? date.month) || date.day !== (day ?? date.day)) return undefined;
      ({ month, day } = date);
    }
    month ??= 1;
    day ??= 1;
    if (day < 1 || day > daysInMonth(year, month)) return undefined;
    return daysFromCivil(year, month, day);
  }

  #hour24(): number {
    if (this.half === "afternoon" && this.hour < 12) return this.hour + 12;
    return this.half === "morning" && this.hour === 12 ? 0 : this.hour;
  }

  /** An abbreviation alone does not move the instant: the clock counts as UTC (except that GMT+3 is shown as such). */
  #zone(): Zone {
    if (this.utc) return UTC;
    const { offset, zoneName: name } = this;
    if (offset === undefined) {
      return name === "" ? UTC : { name, offset: offsetOfZoneName(name) };
    }
    return offset === 0 && name === "" ? UTC : { name, offset };
  }
}
