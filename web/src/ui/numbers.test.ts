import { describe, expect, it } from "vitest";
import { ago, day, many, share, tail, whole } from "./numbers";

const NOW = new Date("2026-11-01T12:00:00Z");

describe("numbers and names", () => {
  it.each([[1, "identity", "1 identity"], [2, "identity", "2 identities"], [1000, "day", "1,000 days"], [0, "finding", "0 findings"]])("%i %s", (count, one, said) => expect(many(count, one)).toBe(said));
  it("says a share that is not nothing as such", () => expect([share(0), share(0.004), share(0.5), share(1)]).toEqual(["0 %", "<1 %", "50 %", "100 %"]));
  it("groups digits", () => expect(whole(1_234_567)).toBe("1,234,567"));
  it.each([["2026-11-01T11:59:30Z", "just now"], ["2026-11-01T11:15:00Z", "45 min ago"], ["2026-10-31T13:00:00Z", "23 h ago"], ["2026-10-10T12:00:00Z", "22 days ago"], ["2026-04-05T00:00:00Z", "7 months ago"], ["2023-11-01T00:00:00Z", "3 years ago"]])("%s is %s", (time, said) => expect(ago(time, NOW)).toBe(said));
  it("says nothing of a time that is none", () => expect([ago(null, NOW), ago("soon", NOW), day(undefined), day("x")]).toEqual(["", "", "", ""]));
  it("names days in UTC at any hour", () => expect(day("2026-11-01T23:59:59Z")).toBe("Nov 1, 2026"));
  it.each([["arn:aws:iam::111111111111:user/m.ostrander", "user/m.ostrander"], ["arn:aws:s3:::bucket", "bucket"], ["//bigquery.googleapis.com/projects/p/datasets/customers", "datasets/customers"], ["a@b.example", "a@b.example"]])("%s ends in %s", (id, end) => expect(tail(id)).toBe(end));
});
