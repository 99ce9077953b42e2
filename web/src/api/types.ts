/** What the API answers, as far as the page reads it. */
export type State = "ALLOWED" | "DENIED" | "CONDITIONAL" | "UNKNOWN";

export interface Estate {
  readonly time: string;
  readonly oldest: string;
  readonly snapshots: readonly string[];
  readonly stale: readonly string[];
}

export interface Coverage { readonly scopes: number; readonly unreadable: readonly string[]; readonly gaps: number }

export interface Listed<Row> {
  readonly estate: Estate;
  readonly items: readonly Row[];
  readonly next: string | null;
  readonly total: number;
  readonly coverage: Coverage;
}

export interface Me { readonly name: string; readonly user: string; readonly via: string; readonly rights: readonly string[] }

export interface Identity {
  readonly provider: string;
  readonly account: string;
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly native: string;
  readonly created: string | null;
  readonly last_used: string | null;
  readonly last_used_known: boolean;
  readonly mfa: boolean | null;
  readonly enabled: boolean | null;
  readonly active_keys: number | null;
  readonly admin: string;
  readonly admin_via: readonly string[];
  readonly external: boolean;
  readonly groups: readonly string[];
  readonly grants: number;
  readonly privileged: boolean;
  readonly boundary: string | null;
  readonly owner: string | null;
  readonly mail: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly source: string;
  readonly leaver: boolean | null;
  readonly person: string | null;
}

export interface Resource {
  readonly provider: string;
  readonly account: string;
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly region: string;
  readonly created: string | null;
  readonly policy: boolean | null;
  readonly public: string;
  readonly public_reason: string;
  readonly shared_with: readonly string[];
  readonly owner: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly source: string;
  readonly sensitivity: string;
}

export interface Grant {
  readonly provider: string;
  readonly account: string;
  readonly principal: string;
  readonly principal_name: string;
  readonly via: string;
  readonly via_name: string | null;
  readonly layer: string;
  readonly kind: string;
  readonly policy: string;
  readonly policy_name: string | null;
  readonly resource: string;
  readonly state: string;
  readonly admin: boolean;
  readonly wildcard: boolean;
  readonly conditional: boolean;
  readonly source: string;
}

export interface Credential {
  readonly id: string;
  readonly kind: string;
  readonly principal: string;
  readonly principal_name: string;
  readonly active: boolean | null;
  readonly created: string | null;
  readonly last_used: string | null;
  readonly last_used_known: boolean;
  readonly expires: string | null;
}

export interface Finding {
  readonly key: string;
  readonly rule: string;
  readonly severity: string;
  readonly provider: string;
  readonly account: string;
  readonly subject: string;
  readonly resource: string;
  readonly title: string;
  readonly message: string;
  readonly remediation: string;
  readonly owner: string | null;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly fix: string;
  readonly muted: { readonly reason: string; readonly until: string | null; readonly by?: string } | null;
}

export interface CoverageRow {
  readonly provider: string;
  readonly account: string;
  readonly kind: string;
  readonly service: string;
  readonly call: string;
  readonly status: string;
  readonly detail: string;
  readonly affects: string;
  readonly stale: boolean;
}

export interface Reason { readonly effect: string; readonly layer: string; readonly text: string; readonly policy: string; readonly statement: string; readonly source: string }
export interface Leaf { readonly key: string; readonly operator: string; readonly values: readonly string[]; readonly negated: boolean }
export interface Link { readonly kind: string; readonly id: string; readonly name: string }

export interface Decision {
  readonly state: State;
  readonly reasons: readonly Reason[];
  readonly residual: readonly (readonly Leaf[])[];
  readonly chain: readonly Link[];
  readonly missing: readonly string[];
  readonly exact: boolean;
}

export interface Holder {
  readonly principal: string;
  readonly name: string;
  readonly kind: string;
  readonly account: string;
  readonly inside: boolean;
  readonly state: State;
  readonly residual: readonly (readonly Leaf[])[];
  readonly missing: readonly string[];
  readonly chain: readonly Link[];
}

export interface Cube {
  readonly provider: string;
  readonly permissions: readonly string[];
  readonly resources: readonly string[];
  readonly exceptions: readonly string[];
  readonly state: State;
  readonly residual: readonly (readonly Leaf[])[];
  readonly missing: readonly string[];
  readonly patterns?: readonly string[];
}

export interface Hop {
  readonly from: string;
  readonly from_name: string;
  readonly to: string;
  readonly to_name: string;
  readonly provider: string;
  readonly rule: string;
  readonly title: string;
  readonly state: State;
  readonly through: string;
  readonly missing: string;
  readonly needs: readonly (readonly { readonly principal: string; readonly permission: string; readonly on: string; readonly decision: Decision }[])[];
  readonly technique: string;
  readonly checks: readonly string[];
  readonly remediation: string;
}

export interface Path {
  readonly from: string;
  readonly from_name: string;
  readonly to: string;
  readonly to_name: string;
  readonly state: State;
  readonly providers: readonly string[];
  readonly hops: readonly Hop[];
}
