/** Tells the app whether the page can be seen, so that the server may rest while it cannot. */
import type { Backend } from "./backend";

/** Tells it now and whenever it changes, until the returned function is called. */
export function watchAttention(backend: Backend, page: Document = document): () => void {
    const tell = () => {
        // Whether it was heard shows in nothing but traffic.
        backend.setWatched(page.visibilityState === "visible").catch(() => {});
    };
    tell();
    page.addEventListener("visibilitychange", tell);
    return () => page.removeEventListener("visibilitychange", tell);
}
