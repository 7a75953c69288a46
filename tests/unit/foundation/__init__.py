"""The ground floor without a database: settings, secrets, signatures, logs, jobs."""
