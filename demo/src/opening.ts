// When the shop is open.

export interface Hours {
  from: number;
  to: number;
}

/** From Sunday on; none where the shop is closed. */
const week: (Hours | undefined)[] = [
  undefined,
  { from: 8, to: 18 },
  { from: 8, to: 18 },
  { from: 8, to: 13 },
  { from: 8, to: 18 },
  { from: 8, to: 20 },
  { from: 9, to: 16 },
];

const holidays = new Set<string>();

export function addHoliday(day: Date): void {
  holidays.add(dayOf(day));
}

export function hoursOn(day: Date): Hours | undefined {
  return holidays.has(dayOf(day)) ? undefined : week[day.getDay()];
}

export function isOpen(at = new Date()): boolean {
  const hours = hoursOn(at);
  return hours !== undefined && at.getHours() >= hours.from && at.getHours() < hours.to;
}

export function nextOpening(after = new Date()): Date {
  const day = new Date(after);
  for (let i = 0; i < 14; i++) {
    const hours = hoursOn(day);
    const opening = new Date(day);
    opening.setHours(hours?.from ?? 0, 0, 0, 0);
    if (hours && opening > after) return opening;
    day.setDate(day.getDate() + 1);
  }
  throw new Error("The shop does not open within two weeks");
}

const dayOf = (day: Date) => day.toISOString().slice(0, 10);
