import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Navigate } from "@tanstack/react-router";
import { parseSearch, stringifySearch } from "./shell/address";
import { Lost, Broken } from "./shell/Lost";
import { Shell } from "./shell/Shell";

const root = createRootRoute({ component: Shell, notFoundComponent: Lost, errorComponent: Broken });
const at = <Path extends string>(path: Path, load: () => Promise<{ default: () => React.ReactNode }>) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load), errorComponent: Broken });

const routes = [
  at("/", () => import("./pages/Overview")),
  at("/identities", () => import("./pages/Identities")),
  at("/identities/$id", () => import("./pages/Identity")),
  at("/resources", () => import("./pages/Resources")),
  at("/resources/$id", () => import("./pages/Resource")),
  at("/ask", () => import("./pages/Ask")),
  at("/paths", () => import("./pages/Paths")),
  at("/findings", () => import("./pages/Findings")),
  at("/findings/$id", () => import("./pages/Finding")),
  at("/plans", () => import("./pages/Plans")),
  at("/plans/$id", () => import("./pages/Plan")),
  at("/credentials", () => import("./pages/Credentials")),
  at("/activity", () => import("./pages/Activity")),
  at("/accounts", () => import("./pages/Accounts")),
  at("/settings", () => import("./pages/Settings")),
  at("/go/$id", () => import("./pages/Go")),
  createRoute({ getParentRoute: () => root, path: "/sign-in", component: () => <Navigate to="/" replace /> }),
] as const;

export const router = createRouter({ routeTree: root.addChildren(routes), parseSearch, stringifySearch, defaultPreload: "intent", defaultPreloadStaleTime: 0, scrollRestoration: false });

declare module "@tanstack/react-router" {
  interface Register { router: typeof router }
}
