/** A share between 0 and 1 as a bar; its number stands beside it, so it is only drawn. */
export function Meter({ value, risk = false }: { value: number; risk?: boolean }) {
  const width = Math.min(Math.max(value, 0), 1) * 100;
  return (
    <svg className={risk ? "meter risk" : "meter"} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect width="100" height="6" rx="1" />
      <rect width={width} height="6" rx="1" />
    </svg>
  );
}
