import { useHead } from "@unhead/vue";
import { ref } from "vue";

/** The answer of an API, once it is there; it gives the page its head. */
export function usePage(api, path) {
  const page = ref(null);
  useHead(() => page.value && {
    title: page.value.title,
    meta: [{ name: "description", content: page.value.description }],
    link: [{ rel: "canonical", href: location.origin + path }],
    script: [{ type: "application/ld+json", innerHTML: JSON.stringify(page.value.data) }],
  });
  fetch(api).then(answer => answer.json()).then(found => { page.value = found; });
  return page;
}
