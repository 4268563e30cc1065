// The pages: each gives a title, a description and what stands in the body. Their data comes late, as it does.
const data = async (path) => (await fetch(path)).json();
const later = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

export async function home() {
  const all = await data("/breads.json");
  return {
    title: "Bread from a stone oven",
    description: "Bread with a crust, baked from four flours and a lot of patience, every morning but Monday.",
    body: `<p>We bake ${all.length} breads. Each takes a day and a half from the first stir to the basket: the dough
      rests, is folded, rests again, and meets the stone only when it is ready. What is left in the evening goes to the
      neighbours, and on Monday the oven rests, too.</p>
      <p>Flour comes from two mills that we can reach by bicycle: rye and spelt from the one at the river, wheat from
      the one on the hill. Both grind on Tuesdays, so what you eat on Thursday was grain at the beginning of the week.
      Salt and water are all that we add. There is no yeast in our dark breads, only a sourdough that is fed every
      evening and has been since the shop was opened. It is a little different every day, and so is the bread.</p>
      <p>We are open from seven in the morning until there is nothing left, which is at about four. Who wants a whole
      country loaf had better ask for it the day before; halves and quarters are always there. Coffee is served at the
      two tables by the window, with what was broken on the way out of the oven, for nothing.</p>
      <p><a href="/breads">See all breads</a> or <a href="/about">read about the oven</a>.</p>`,
  };
}

export async function breads() {
  const all = await data("/breads.json");
  const items = all.map((one) => `<li><a href="/breads/${one.slug}">${one.name}</a>: ${one.text}</li>`).join("");
  return {
    title: "All our breads",
    description: "Every bread of the bakery with its flour, its hours of rest and what it goes well with.",
    body: `<ul>${items}</ul>`,
  };
}

export async function bread(slug) {
  const one = (await data("/breads.json")).find((known) => known.slug === slug);
  return one && {
    title: `${one.name}, from our oven`,
    description: one.text,
    heading: one.name,
    body: `<p>${one.text}</p><p>${one.more}</p><p>${one.price} a loaf.</p>`,
    data: { "@context": "https://schema.org", "@type": "Product", name: one.name, description: one.text },
  };
}

export async function about() {
  return {
    title: "The oven and its fire",
    description: "Why the oven is older than the house around it, and how it is heated every evening.",
    body: `<p>The oven is older than the house. It was built for the harvest of a whole street and holds sixty loaves.
      Two hours of fire in the evening are enough for the night; at four in the morning the stone has the heat that
      rye wants, at six the one for wheat, and at eight there is still enough left for biscuits.</p>
      <p>The vault is of bricks that were made in the same street, laid without mortar. It has been taken apart twice,
      brick by brick, and put together again in the same order: each has a number on its back. In between, a good
      brush is all that it needs. The door is of iron and came from a ship; nobody knows which one, but the hook that
      holds it open is the shape of an anchor.</p>
      <p>We burn beech, cut in winter and dried for two years. Ash goes to the gardens behind the house, where it keeps
      the snails from the beans. Whoever wants to see the fire being lit comes at nine in the evening and knocks at the
      window; children may throw in the first log, and there is a warm roll for those who stay until it burns well.</p>`,
  };
}

export async function slow() {
  await later(2500);
  return {
    title: "The page that takes its time",
    description: "Two and a half seconds of waiting, as sites with slow services behind them have it.",
    body: `<p>It took two and a half seconds until there was something to read here. Who takes a page as soon as the
      network is silent gets an empty one; this text proves that somebody waited for it, as crawlers do not.</p>`,
  };
}

export async function missing() {
  return {
    title: "Page not found",
    description: "There is no such page here.",
    body: "<p>There is no such page. It may have been eaten. <a href='/breads'>See what there is instead</a>.</p>",
    missing: true,
  };
}
