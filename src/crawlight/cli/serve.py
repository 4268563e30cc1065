"""``crawlight serve``: the whole product in one process on embedded stores."""

from threading import Thread
from typing import Annotated

import typer

from crawlight.cli.context import context_of
from crawlight.kit.loading import loading, without
from crawlight.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on; also CRAWLIGHT_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; also CRAWLIGHT_PORT.")] = None,
    edge_workers: Annotated[
        int | None, typer.Option(help="Further processes for crawlers alone; also CRAWLIGHT_EDGE_WORKERS.")
    ] = None,
    edge_port: Annotated[
        int | None, typer.Option(help="Port that they listen on; also CRAWLIGHT_EDGE_PORT.")
    ] = None,
    front: Annotated[
        bool | None,
        typer.Option(
            "--front", help="Serve the domains that are on the front, with Caddy; also CRAWLIGHT_FRONT."
        ),
    ] = None,
) -> None:
    """Run the server until Ctrl-C or SIGTERM."""
    settings = context_of(ctx).settings(
        host=host, port=port, edge_workers=edge_workers, edge_port=edge_port, front=front
    )
    Thread(target=_load_engine, args=(settings,), name="engine").start()
    with loading(), without("rich"):  # Logs would format tracebacks with it, and ours are plain.
        from crawlight.cli.serving import run
    run(settings)


def _load_engine(settings: Settings) -> None:
    """Load the analytics engine beside everything else: on a machine with two cores that is for nothing."""
    from crawlight.events.store import load_engine

    load_engine(settings.events_url)
