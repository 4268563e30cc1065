"""What is measured, beside what it is compared to; ``python -m benchmarks`` runs all of it."""
