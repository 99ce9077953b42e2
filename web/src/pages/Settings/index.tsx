import { useMe } from "../../shell/session";
import { useTheme, type Theme } from "../../shell/theme";
import { Page } from "../../shell/Page";
import { plain } from "../../shell/words";
import { Card, Facts } from "../../ui/Card";
import { Segments } from "../../ui/Field";
import { Tag } from "../../ui/Tag";

/** What somebody sets for himself, and what he may do. */
export default function Settings() {
  const me = useMe();
  const [theme, choose] = useTheme();
  return (
    <Page title="Settings">
      <div className="columns">
        <div className="span-6 stack">
          <Card title="This browser">
            <div className="stack-s"><span className="label">Theme</span><div><Segments label="Theme" value={theme} onChange={(next) => choose(next as Theme)} options={[["system", "As the system"], ["light", "Light"], ["dark", "Dark"]]} /></div></div>
          </Card>
        </div>
        <div className="span-6 stack">
          <Card title="You">
            <Facts of={[["Name", me.name], ["Signed in by", me.via === "local" ? "nobody signs in on this machine" : me.via], ["You may", <span key="r" className="row-wrap">{me.rights.map((right) => <Tag key={right} tone="outline">{plain(right)}</Tag>)}</span>]]} />
          </Card>
        </div>
      </div>
    </Page>
  );
}
