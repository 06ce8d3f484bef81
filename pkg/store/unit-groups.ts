/** Consecutive units that are announced together and, where it pays, kept together. */
export interface UnitGroup {
  /** Its first unit, by which it is named. */
  readonly first: number;
  readonly size: number;
}

/**
 * Sizes by number of the unit, so that nothing but the number decides. The first units are on their own: a phase of few, big units
 * is shared by workers that claim at the same time, and a row that several write at once is slow on a ring. Only phases of many
 * units, which are worth less each, have big groups.
 */
const SIZES = [
  { from: 0, size: 1 },
  { from: 16, size: 4 },
  { from: 80, size: 32 },
] as const;

export function groupOf(unit: number): UnitGroup {
  const { from, size } = SIZES.findLast((each) => each.from <= unit) ?? SIZES[0];
  return { first: from + Math.floor((unit - from) / size) * size, size };
}

/** The groups of units 0 to count - 1, in order. */
export function groupsOf(count: number): readonly UnitGroup[] {
  const groups: UnitGroup[] = [];
  for (let unit = 0; unit < count;) {
    const group = groupOf(unit);
    groups.push(group);
    unit = group.first + group.size;
  }
  return groups;
}
