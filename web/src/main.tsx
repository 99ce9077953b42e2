import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Problem } from "./api/problem";
import { router } from "./router";
import "./ui/inter.css";
import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/ui.css";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      networkMode: "always",
      retry: (count, error) => error instanceof Problem && error.passing && count < 3,
      retryDelay: (count, error) => (error instanceof Problem && error.wait ? error.wait * 1000 : Math.min(500 * 2 ** count, 4000)),
    },
    mutations: { networkMode: "always", retry: false },
  },
});

const place = document.getElementById("root");
if (!place) throw new Error("index.html has no place for the page");
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}><RouterProvider router={router} /></QueryClientProvider>
  </StrictMode>,
);
