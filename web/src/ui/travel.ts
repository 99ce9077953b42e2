/** The way of a scrollbar mapped to rows: elements end at 17 million pixels in some browsers, lists do not (decision 0047). */
export const LONGEST = 15_000_000;

export interface Travel {
  /** The height of what is scrolled, in pixels. */
  readonly height: number;
  /** The first row of the frame, and how many of its pixels have left it. */
  at(scrollTop: number): { first: number; gone: number };
  /** Where to scroll so that a row is the first of the frame. */
  to(row: number): number;
}

/** `count` rows of `size` pixels under a frame that shows `frame` pixels of them. */
export function travel(count: number, size: number, frame: number, longest: number = LONGEST): Travel {
  const whole = count * size;
  const height = Math.max(frame, Math.min(whole, longest));
  const last = Math.max(0, whole - frame);
  const factor = height > frame ? last / (height - frame) : 0;
  const clamp = (value: number, most: number): number => Math.min(Math.max(value, 0), most);
  return {
    height,
    at(scrollTop) {
      const offset = clamp(scrollTop, height - frame) * factor;
      const first = Math.floor(offset / size);
      return { first, gone: offset - first * size };
    },
    to(row) {
      return factor === 0 ? 0 : clamp(row * size, last) / factor;
    },
  };
}
