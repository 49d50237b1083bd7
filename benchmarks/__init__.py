"""What the course costs: time and memory of labs, site and generation. `python -m benchmarks` prints and writes it."""
