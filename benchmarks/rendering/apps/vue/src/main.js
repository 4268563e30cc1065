// The same shop in Vue: routes that are loaded when they are shown, and a head by Unhead.
import { createHead } from "@unhead/vue/client";
import { createApp } from "vue";
import { createRouter, createWebHistory, RouterView } from "vue-router";

const routes = [
  { path: "/", component: () => import("./Shop.vue") },
  { path: "/watch/:id", component: () => import("./Watch.vue") },
];
createApp(RouterView)
  .use(createHead())
  .use(createRouter({ history: createWebHistory("/vue/"), routes }))
  .mount("#app");
