export default function Questions({ use }) {
  const questions = use("/questions");
  return (
    <section>
      <h2>Questions</h2>
      <dl>{(questions.data ?? []).map(one => <div key={one.asked}><dt>{one.asked}</dt><dd>{one.answered}</dd></div>)}</dl>
    </section>
  );
}
