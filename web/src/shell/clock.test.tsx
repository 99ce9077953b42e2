import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { ClockContext } from "./clock";
import { Ago, LastUsed } from "./words";

const USED = "2024-03-01T12:00:00Z";

describe("ages", () => {
  it("count from the estate's time, however long ago that is", () => {
    render(<ClockContext value="2024-03-11T12:00:00Z"><Ago at={USED} /></ClockContext>);
    expect(screen.getByText("10 days ago")).toHaveAttribute("title", "Mar 1, 2024");
  });

  it("are days while that time is not known", () => {
    render(<LastUsed at={USED} known />);
    expect(screen.getByText("Mar 1, 2024")).toBeVisible();
  });

  it("are not told of what has no time", () => {
    const { container } = render(<ClockContext value="2024-03-11T12:00:00Z"><Ago at={null} /></ClockContext>);
    expect(container).toHaveTextContent(/^$/);
  });

  it.each([[true, "never"], [false, "not known"]])("of use that was read: %s, is %s", (known, said) => {
    render(<ClockContext value="2024-03-11T12:00:00Z"><LastUsed at={null} known={known} /></ClockContext>);
    expect(screen.getByText(said)).toBeVisible();
  });
});
