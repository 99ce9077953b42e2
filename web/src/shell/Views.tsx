import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { told } from "../api/problem";
import { useViewChanges, useViews } from "../api/views";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Menu } from "../ui/Menu";
import { toast } from "../ui/Toasts";
import { parseSearch, stringifySearch, useAddress } from "./address";

/** Views somebody saved of a list, and saving this one. */
export function Views({ list }: { list: string }) {
  const [address] = useAddress();
  const navigate = useNavigate();
  const views = useViews(list);
  const { drop } = useViewChanges();
  const [naming, setNaming] = useState(false);
  const here = stringifySearch(address);
  return (
    <>
      <Menu label="Views" icon="filter">
        {(close) => (
          <>
            {views.data?.map((view) => (
              <div key={view.id} className="row">
                <button type="button" className="menu-item" aria-pressed={view.query === here} onClick={() => { void navigate({ to: ".", search: () => parseSearch(view.query) }); close(); }}>{view.name}</button>
                <Button look="plain" icon="close" aria-label={`Delete the view ${view.name}`} onClick={() => drop.mutate(view.id, { onError: (error) => toast(told(error), "finding") })} />
              </div>
            ))}
            <button type="button" className="menu-item" disabled={here === ""} onClick={() => { setNaming(true); close(); }}>{here === "" ? "Set a filter or an order to save it" : "Save this view …"}</button>
          </>
        )}
      </Menu>
      {naming && <Naming list={list} query={here} close={() => setNaming(false)} />}
    </>
  );
}

function Naming({ list, query, close }: { list: string; query: string; close: () => void }) {
  const [name, setName] = useState("");
  const { save } = useViewChanges();
  return (
    <Dialog title="Save this view" onClose={close}>
      <form className="stack" onSubmit={(event) => { event.preventDefault(); save.mutate({ list, name: name.trim(), query }, { onSuccess: () => { toast(`Saved as ${name.trim()}`); close(); } }); }}>
        <Field label="Name" value={name} onChange={setName} required maxLength={80} wrong={save.error ? told(save.error) : undefined} />
        <footer><Button onClick={close}>Cancel</Button><Button look="main" type="submit" disabled={save.isPending || name.trim() === ""}>Save</Button></footer>
      </form>
    </Dialog>
  );
}
