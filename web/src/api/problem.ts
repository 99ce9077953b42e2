/** An answer of the API that is an error (RFC 9457), or that no answer came. */
export class Problem extends Error {
  readonly status: number;
  /** The stable name: `refused`, `not-found`, `sign-in` …; `offline` where the server could not be reached. */
  readonly kind: string;
  readonly request: string;
  /** Seconds to wait, where the server says so. */
  readonly wait: number | undefined;
  readonly faults: readonly { place: string; cause: string }[];

  constructor(status: number, kind: string, detail: string, more: { request?: string; wait?: number | undefined; faults?: readonly { place: string; cause: string }[] } = {}) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.kind = kind;
    this.request = more.request ?? "";
    this.wait = more.wait;
    this.faults = more.faults ?? [];
  }

  /** Whether the same may succeed in a moment, without anybody changing anything. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  const after = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const wait = Number.isFinite(after) ? after : undefined;
  const told: unknown = await response.json().catch(() => null);
  const body = isRecord(told) ? told : {};
  const kind = typeof body.type === "string" ? (body.type.split(":").pop() ?? "error") : "error";
  const detail = typeof body.detail === "string" && body.detail ? body.detail : `The server answered ${response.status}.`;
  const faults = Array.isArray(body.errors) ? body.errors.filter(isFault) : [];
  return new Problem(response.status, kind, detail, { request: typeof body.request === "string" ? body.request : "", wait, faults });
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isFault = (value: unknown): value is { place: string; cause: string } => isRecord(value) && typeof value.place === "string" && typeof value.cause === "string";

/** A sentence for people about whatever was thrown. */
export function told(error: unknown): string {
  if (error instanceof Problem) return error.status === 0 ? "The server cannot be reached." : error.message;
  return error instanceof Error ? error.message : "Something went wrong.";
}
