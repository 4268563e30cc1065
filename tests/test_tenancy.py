"""Who has a domain's id was shown the domain: ids have a type of their own, which few places make of a number."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src/crawlight"

MAKERS = {
    "ids.py",  # the one that is no domain's
    "edge/directory.py",  # of the notes on what changed
    "ingest/rows.py",  # of a column of the import's own domains
}


def trees() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in file.parts:
            yield str(file.relative_to(SOURCE)), ast.parse(file.read_text())


def test_domain_ids_are_made_in_few_places() -> None:
    calls = {
        name
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "DomainId"
    }
    assert calls - {"ids.py"} == MAKERS - {"ids.py"}


def test_no_signature_takes_a_bare_number_for_a_domain() -> None:
    bare = [
        f"{name}:{node.lineno}"
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.arg | ast.AnnAssign)
        and (node.arg if isinstance(node, ast.arg) else ast.unparse(node.target))
        in ("domain_id", "domain_ids")
        and "int" in {word.id for word in ast.walk(node.annotation or node) if isinstance(word, ast.Name)}
    ]
    assert bare == []


def test_columns_of_domains_are_typed() -> None:
    bare = [
        f"{name}:{node.lineno}"
        for name, tree in trees()
        if name.startswith("database/tables/")
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign)
        and ast.unparse(node.target) == "domain_id"
        and "DomainId" not in ast.unparse(node.annotation)
    ]
    assert bare == []
