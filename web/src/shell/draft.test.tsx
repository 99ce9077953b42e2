import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { useDraft } from "./draft";

const EMPTY = { reason: "", until: "2027-01-01" };

function Form() {
  const [fields, change, clear] = useDraft("mute.1", EMPTY);
  return <><input aria-label="Reason" value={fields.reason} onChange={(event) => change({ reason: event.target.value })} /><output>{fields.until}</output><button type="button" onClick={clear}>Send</button></>;
}

beforeEach(() => sessionStorage.clear());

describe("drafts", () => {
  it("outlive the page, and go when they were sent", async () => {
    const user = userEvent.setup();
    const first = render(<Form />);
    await user.type(screen.getByLabelText("Reason"), "meant to be so");
    first.unmount();
    const second = render(<Form />);
    expect(screen.getByLabelText("Reason")).toHaveValue("meant to be so");
    await user.click(screen.getByRole("button"));
    second.unmount();
    render(<Form />);
    expect(screen.getByLabelText("Reason")).toHaveValue("");
  });

  it("begin empty where what is kept cannot be read", () => {
    sessionStorage.setItem("leastwise.draft.mute.1", "{broken");
    render(<Form />);
    expect(screen.getByLabelText("Reason")).toHaveValue("");
  });
});
