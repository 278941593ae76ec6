/**
 * The gallery: `?scene=NAME` shows a whole window, without it every piece in every state. `lang`
 * and `theme` may be given as well.
 */
import "@fontsource-variable/inter/wght.css";
import "../lib/tokens.css";
import "../lib/base.css";
import { mount } from "svelte";
import App from "../App.svelte";
import { createApp } from "../lib/app";
import Gallery from "./Gallery.svelte";
import { backendOf, scenes } from "./scenes";

const query = new URLSearchParams(location.search);
const name = query.get("scene");
const scene = (scenes[name ?? "home"] ?? scenes.home)?.();
const target = document.getElementById("app");

if (scene && target) {
    scene.state.settings.language = query.get("lang");
    scene.state.settings.theme = query.get("theme");
    const backend = backendOf(scene);
    const app = createApp(backend, navigator.languages);
    if (scene.hash && !location.hash) {
        location.hash = scene.hash;
    }
    mount(name ? App : Gallery, { target, props: { app } });
    void app.home.open();
    // The browser tests play the app's part through this.
    Object.assign(globalThis, { gallery: { backend, app } });
}
