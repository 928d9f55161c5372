# One image for web, worker and beat; docker-compose.yml says which is which.
FROM python:3.12-slim AS build
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 headway
WORKDIR /app
COPY --from=build /venv /venv
COPY --chown=headway . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/app/var
RUN mkdir -p var && chown headway var
USER headway
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--access-logfile", "-"]
