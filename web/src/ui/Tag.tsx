import type { ReactNode } from "react";
import { Icon, type IconName } from "./icons";

export type Tone = "critical" | "high" | "medium" | "low" | "good" | "accent" | "allowed" | "conditional" | "unknown" | "outline" | "plain";

export function Tag({ tone = "plain", icon, children, title }: { tone?: Tone; icon?: IconName; children: ReactNode; title?: string }) {
  return (
    <span className={`tag ${tone}`} title={title}>
      {icon && <Icon name={icon} small />}
      <span className="clip">{children}</span>
    </span>
  );
}

const SEVERITIES: Record<string, Tone> = { critical: "critical", high: "high", medium: "medium", low: "low" };

export function Severity({ of }: { of: string }) {
  return <Tag tone={SEVERITIES[of] ?? "plain"}>{of}</Tag>;
}

const ANSWERS: Record<string, { tone: Tone; icon: IconName; word: string }> = {
  ALLOWED: { tone: "allowed", icon: "check", word: "Allowed" },
  DENIED: { tone: "plain", icon: "deny", word: "Denied" },
  CONDITIONAL: { tone: "conditional", icon: "condition", word: "Conditional" },
  UNKNOWN: { tone: "unknown", icon: "unknown", word: "Unknown" },
  USED: { tone: "good", icon: "check", word: "Used" },
  IMPLIED: { tone: "good", icon: "link", word: "Implied" },
  UNUSED: { tone: "medium", icon: "clock", word: "Never used" },
  UNOBSERVABLE: { tone: "unknown", icon: "unknown", word: "Cannot know" },
};

/** One of the four answers about access, or of the four about use. */
export function Answer({ state }: { state: string }) {
  const answer = ANSWERS[state];
  return answer ? <Tag tone={answer.tone} icon={answer.icon}>{answer.word}</Tag> : <Tag>{state}</Tag>;
}
