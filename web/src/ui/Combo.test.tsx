import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { Combo } from "./Combo";

const CHOICES = [{ value: "arn:1", text: "one", beside: "role" }, { value: "arn:2", text: "two" }];

function Held({ onChoose }: { onChoose?: (value: string) => void }) {
  const [value, setValue] = useState("");
  return <Combo label="Principal" value={value} onChange={setValue} choices={CHOICES} onChoose={(choice) => onChoose?.(choice.value)} />;
}

describe("Combo", () => {
  it("offers choices by keys and takes the chosen one", async () => {
    const [user, chosen] = [userEvent.setup(), vi.fn()];
    render(<Held onChoose={chosen} />);
    const field = screen.getByRole("combobox", { name: "Principal" });
    await user.type(field, "t{ArrowDown}{ArrowDown}");
    expect(screen.getByRole("option", { name: "two" })).toHaveAttribute("aria-selected", "true");
    await user.keyboard("{Enter}");
    expect(field).toHaveValue("arn:2");
    expect(chosen).toHaveBeenCalledExactlyOnceWith("arn:2");
    expect(field).toHaveAttribute("aria-expanded", "false");
  });

  it("keeps what was typed when the choices are put away", async () => {
    const user = userEvent.setup();
    render(<Held />);
    const field = screen.getByRole("combobox");
    await user.type(field, "anything{Escape}");
    expect(field).toHaveValue("anything");
    expect(field).toHaveAttribute("aria-expanded", "false");
  });
});
