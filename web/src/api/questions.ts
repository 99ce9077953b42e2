import { queryOptions } from "@tanstack/react-query";
import { ask } from "./client";
import type { Coverage, Cube, Decision, Estate, Holder } from "./types";

export interface Suggestion { readonly id: string; readonly name: string; readonly provider: string; readonly account: string; readonly what: string }

export const complete = (kind: "principal" | "action" | "resource", text: string) =>
  queryOptions({ queryKey: ["complete", kind, text], queryFn: ({ signal }) => ask<{ items: readonly Suggestion[] }>("ask/complete", { query: { kind, text }, signal }), enabled: text.length >= 1, staleTime: 60_000 });

interface Around { readonly estate: Estate; readonly coverage: Coverage }
export type Can = Decision & Around;
export interface WhoCan extends Around { readonly items: readonly Holder[]; readonly total?: number; readonly next: string | null; readonly missing: readonly string[]; readonly states?: Readonly<Record<string, number>> }
export interface WhatCan extends Around { readonly items: readonly Cube[] }

export interface Question { readonly principal?: string; readonly action?: string; readonly resource?: string; readonly context?: Readonly<Record<string, string>>; readonly strict?: boolean }

const put = <Answer,>(path: string, body: unknown) => queryOptions({ queryKey: [path, JSON.stringify(body)], queryFn: ({ signal }) => ask<Answer>(path, { method: "POST", body, signal }), staleTime: 60_000 });

export const can = (question: Question) => put<Can>("ask/can", question);
export const whoCan = (question: Question) => put<WhoCan>("ask/who-can", { ...question, limit: 1000 });
export const whatCan = (question: Question) => put<WhatCan>("ask/what-can", question);
