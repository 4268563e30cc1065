// A shop with what many of them are made of: routes, a head, queries, motion and styles in script.
import styled from "@emotion/styled";
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { motion } from "motion/react";
import { Suspense, lazy } from "react";
import { createRoot } from "react-dom/client";
import { Helmet, HelmetProvider } from "react-helmet-async";
import { BrowserRouter, Link, Route, Routes, useParams } from "react-router";

const Questions = lazy(() => import("./questions.jsx"));
const Price = styled.strong`color: rgb(20, 90, 60); padding: 4px`;
const Shelf = styled.ul`display: grid; grid-template-columns: repeat(3, 1fr); opacity: ${props => (props.$ready ? 1 : 0)}`;

function useApi(path) {
  return useQuery({ queryKey: [path], queryFn: () => fetch(`/api${path}`).then(answer => answer.json()) });
}

function Head({ title, description, path, data }) {
  return (
    <Helmet>
      <title>{title}</title>
      <meta name="description" content={description} />
      <link rel="canonical" href={location.origin + path} />
      <script type="application/ld+json">{JSON.stringify(data)}</script>
    </Helmet>
  );
}

function Fade({ children, order = 0 }) {
  return (
    <motion.section initial={{ opacity: 0, y: 30 }} whileInView={{ opacity: 1, y: 0 }} transition={{ delay: order * 0.1 }}>
      {children}
    </motion.section>
  );
}

function Shop() {
  const intro = useApi("/intro");
  const stock = useApi("/stock");
  return (
    <main>
      <h1>Watches that were repaired here</h1>
      <p>We clean, oil and regulate mechanical watches of every make, and sell those that nobody came back for.</p>
      {intro.data && <Head {...intro.data} path="/react/" />}
      {intro.data && <Fade><h2>How we work</h2><p>{intro.data.text}</p></Fade>}
      <Shelf $ready={Boolean(stock.data)}>
        {(stock.data ?? []).map((one, order) => (
          <li key={one.id}>
            <Fade order={order}>
              <Link to={`/watch/${one.id}`}>{one.name}</Link> <Price>{one.price}</Price>
              <img src={one.picture} alt={one.name} loading="lazy" />
            </Fade>
          </li>
        ))}
      </Shelf>
      <Suspense fallback={<p>One moment</p>}><Questions use={useApi} /></Suspense>
    </main>
  );
}

function Watch() {
  const { id } = useParams();
  const watch = useApi(`/watch/${id}`);
  const maker = useQuery({
    queryKey: ["maker", watch.data?.maker],
    enabled: Boolean(watch.data),
    queryFn: () => fetch(`/api/maker/${watch.data.maker}`).then(answer => answer.json()),
  });
  if (!watch.data) return <p>Loading…</p>;
  return (
    <main>
      <Head {...watch.data} path={`/react/watch/${id}`} />
      <Fade><h1>{watch.data.name}</h1><p>{watch.data.text}</p><Price>{watch.data.price}</Price></Fade>
      {maker.data && <Fade order={1}><h2>{maker.data.name}</h2><p>{maker.data.text}</p></Fade>}
      <Link to="/">All watches</Link>
    </main>
  );
}

createRoot(document.getElementById("root")).render(
  <HelmetProvider>
    <QueryClientProvider client={new QueryClient()}>
      <BrowserRouter basename="/react">
        <Routes>
          <Route path="/" element={<Shop />} />
          <Route path="/watch/:id" element={<Watch />} />
        </Routes>
      </BrowserRouter>
    </QueryClientProvider>
  </HelmetProvider>,
);
