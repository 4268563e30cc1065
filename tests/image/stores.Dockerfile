# PostgreSQL and Redis as Debian has them, where no registry is in reach.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql redis-server
