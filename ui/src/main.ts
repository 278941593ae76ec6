import "@fontsource-variable/inter/wght.css";
import "./lib/tokens.css";
import "./lib/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { createApp } from "./lib/app";
import { tauriBackend } from "./lib/backend-tauri";

const app = createApp(tauriBackend(), navigator.languages);
const target = document.getElementById("app");
if (target) {
    mount(App, { target, props: { app } });
    void app.home.open();
}
