"""What Prometheus may ask: requests and jobs counted in process, and the state of things as the database has it."""
