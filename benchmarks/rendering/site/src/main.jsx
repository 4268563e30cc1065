// A shop as they are built today: an empty page that asks for its content.
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter, Link, RouterProvider, useLocation } from "react-router";

function Head({ page }) {
  return (
    <>
      <title>{page.title}</title>
      <meta name="description" content={page.description} />
      <link rel="canonical" href={page.canonical} />
      <meta property="og:title" content={page.title} />
      <script type="application/ld+json" dangerouslySetInnerHTML={{ __html: JSON.stringify(page.data) }} />
    </>
  );
}

function Page() {
  const { pathname } = useLocation();
  const [page, setPage] = useState(null);
  useEffect(() => {
    fetch(`/api${pathname}`).then(answer => answer.json()).then(setPage);
  }, [pathname]);
  if (!page) return <div className="spinner">Loading…</div>;
  return (
    <>
      <Head page={page} />
      <header><nav>{page.links.map(link => <Link key={link} to={link}>{link}</Link>)}</nav></header>
      <main>
        <h1>{page.title}</h1>
        <img src="/picture.png" alt="A picture" />
        {page.sections.map(section => (
          <section key={section.title}><h2>{section.title}</h2><p>{section.text}</p></section>
        ))}
      </main>
    </>
  );
}

const router = createBrowserRouter([{ path: "*", element: <Page /> }]);
createRoot(document.getElementById("root")).render(<RouterProvider router={router} />);
