/** How numbers, times and long names are written on the page. */
const WHOLE = new Intl.NumberFormat("en");
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const DAY = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const MINUTE = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "UTC" });

export const whole = (value: number): string => WHOLE.format(value);
export const short = (value: number): string => SHORT.format(value);
export const share = (value: number): string => (value > 0 && value < 0.01 ? "<1 %" : `${Math.round(value * 100)} %`);
export const many = (count: number, one: string, more = /[^aeiou]y$/.test(one) ? `${one.slice(0, -1)}ies` : `${one}s`): string => `${whole(count)} ${count === 1 ? one : more}`;

/** The day of a time, in UTC; "never" or "unknown" is for the caller to say. */
export function day(time: string | null | undefined): string {
  const at = time ? new Date(time) : null;
  return at && !Number.isNaN(at.getTime()) ? DAY.format(at) : "";
}

export function minute(time: string | null | undefined): string {
  const at = time ? new Date(time) : null;
  return at && !Number.isNaN(at.getTime()) ? `${MINUTE.format(at)} UTC` : "";
}

/** How long ago as of a time, in the largest unit that says something. */
export function ago(time: string | null | undefined, now: Date): string {
  const at = time ? new Date(time).getTime() : Number.NaN;
  if (Number.isNaN(at)) return "";
  const minutes = Math.floor((now.getTime() - at) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  const days = Math.floor(minutes / 1440);
  return days < 60 ? `${days} days ago` : days < 730 ? `${Math.floor(days / 30)} months ago` : `${Math.floor(days / 365)} years ago`;
}

/** The telling end of an id: what stands behind the account of an ARN, the last segments of a path. */
export function tail(id: string): string {
  if (id.startsWith("arn:")) return id.split(":").slice(5).join(":") || id;
  const parts = id.split("/").filter(Boolean);
  return parts.length > 2 ? parts.slice(-2).join("/") : id;
}
